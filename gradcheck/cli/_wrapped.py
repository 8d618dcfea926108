"""Wrapped: a message in lines of 80 columns."""

from __future__ import annotations

import textwrap

COLUMNS = 80


def wrapped(message: str, indent: str = "  ") -> str:
    """Break a message where it is long; paths and commands stay whole.

    >>> wrapped("one two three") == "one two three"
    True
    """
    lines = (
        textwrap.wrap(
            line, COLUMNS, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )
        for line in message.splitlines()
    )
    return "\n".join("\n".join(line) for line in lines)
