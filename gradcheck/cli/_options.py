"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from gradcheck.cli._values import read_outputs

F = TypeVar("F", bound=Callable[..., Any])

_SHARED: tuple[Callable[[Any], Any], ...] = (
    click.argument("layers", nargs=-1, metavar="[LAYER]..."),
    click.option(
        "--examples",
        type=click.IntRange(min=1),
        help="Cases for each layer; the profile's number by default.",
    ),
    click.option("--seed", type=click.IntRange(min=0), help="Seed of all draws."),
    click.option(
        "--jobs",
        type=click.IntRange(min=1),
        help="Layers checked at once; one for each core by default.",
    ),
    click.option(
        "--format",
        "outputs",
        metavar="NAME[=PATH]",
        callback=read_outputs,
        multiple=True,
        help="Write the report in a format (console, ndjson, a plugin's) to a file or, without "
        "PATH, to standard output, which otherwise shows the console report. Repeatable.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Only what did not pass, and the verdict."),
    click.option("-v", "--verbose", is_flag=True, help="Everything, tables of coverage too."),
)


def shared(function: F) -> F:
    """Add what every command that runs layers takes."""
    for option in reversed(_SHARED):
        function = option(function)
    return function


def settled_jobs(jobs: int | None, layers: int) -> int:
    """Return how many layers to check at once: at most all, by default one for each core.

    >>> settled_jobs(8, 3), settled_jobs(2, 3), settled_jobs(None, 1)
    (3, 2, 1)
    """
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return max(1, min(jobs or cores, layers))
