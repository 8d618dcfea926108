"""Again: the command line that was given, written so that a shell gives it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import click

APART = ("examples", "seed", "case", "outputs", "quiet", "verbose")
"""What says how much is checked and how it is shown, not what is checked."""


def given(ctx: click.Context) -> str:
    """Return the command with what was said of the layer."""
    words = ["gradcheck", str(ctx.info_name)]
    for param in ctx.command.params:
        value = ctx.params.get(str(param.name))
        if param.name not in APART and value != param.get_default(ctx):
            words += _words(param, value)
    return shlex.join(words)


def _words(param: click.Parameter, value: Any) -> Iterator[str]:
    if not value:
        return
    if isinstance(param, click.Argument):
        yield str(value)
    elif getattr(param, "is_flag", False):
        yield param.opts[0]
    else:
        for text in _texts(value):
            yield from (param.opts[0], text)


def _texts(value: Any) -> Iterator[str]:
    """Return what stands behind each use of an option."""
    if isinstance(value, Mapping):
        yield from _pairs(value)
    else:
        yield from value if isinstance(value, tuple) else (str(value),)


def _pairs(values: Mapping[str, Any]) -> Iterator[str]:
    """Write what was read as ``KEY=VALUE``.

    >>> list(_pairs({"stride": (2, 1), "mode": "same", "bias": False}))
    ['stride=[2,1]', 'mode=same', 'bias=false']
    """
    for key, value in values.items():
        written = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        yield f"{key}={written}"
