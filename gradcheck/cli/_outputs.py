"""Outputs: files opened before the run, reporters that listen, everything closed at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, TextIO

import click

from gradcheck.cli._layers import find
from gradcheck.cli._values import Output
from gradcheck.registry import LoadError
from gradcheck.verdict import INTERRUPTED

if TYPE_CHECKING:
    from gradcheck.events import Event, Reporter
    from gradcheck.report import RunReport

    Listener = Callable[[Event], None]


def execute(
    outputs: Sequence[Output], verbosity: int, work: Callable[[Listener], RunReport]
) -> int:
    """Do the work with every reporter listening, and return the exit code."""
    try:
        with reporters(outputs, verbosity) as tell:
            return work(tell).exit_code
    except KeyboardInterrupt:  # a second one, before the run could end by itself
        return INTERRUPTED


@contextmanager
def reporters(outputs: Sequence[Output], verbosity: int) -> Iterator[Listener]:
    """Open all outputs, or none, and give the function that tells every reporter of an event.

    Raises
    ------
    click.UsageError
        If a format is unknown, a file cannot be written, or two formats want one place.
    """
    outputs = _settled(outputs)
    factories = [_factory(output.format) for output in outputs]
    with ExitStack() as stack:
        streams = [_open(output, stack) for output in outputs]
        made = [make(to, verbosity=verbosity) for make, to in zip(factories, streams, strict=True)]
        for reporter in made:
            stack.callback(reporter.close)

        def tell(event: Event) -> None:
            for reporter in made:
                reporter(event)

        yield tell


def _settled(outputs: Sequence[Output]) -> list[Output]:
    """Give people their report on standard output, unless a format takes it."""
    places = [output.path and output.path.resolve() for output in outputs]
    for output, place in zip(outputs, places, strict=True):
        if places.count(place) > 1:
            where = "standard output" if output.path is None else repr(str(output.path))
            raise click.UsageError(f"two formats cannot both write to {where}; give each a PATH")
    return [*outputs] if None in places else [*outputs, Output("console")]


def _factory(name: str) -> Callable[..., Reporter]:
    try:
        factory: Callable[..., Reporter] = find("reporters", name).target()
    except LoadError as error:
        raise click.UsageError(str(error)) from error
    return factory


def _open(output: Output, stack: ExitStack) -> TextIO:
    if output.path is None:
        return sys.stdout
    try:
        return stack.enter_context(output.path.open("w", encoding="utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.UsageError(f"cannot write to {str(output.path)!r}: {reason}") from None
