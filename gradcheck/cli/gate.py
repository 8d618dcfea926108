"""``gradcheck gate``: the contributors' gate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gradcheck.cli._options import settled_jobs, shared
from gradcheck.cli._values import Output
from gradcheck.profiles import PROFILES

if TYPE_CHECKING:
    from gradcheck.events import Event
    from gradcheck.report import RunReport

PACKAGE = "gradcheck"


@click.command("gate", short_help="Check what this project ships, as its CI does.")
@shared
@click.pass_context
def command(ctx: click.Context, /, layers: tuple[str, ...], **options: Any) -> None:
    """Check LAYERs, by default all that this project ships, and that nothing is missing.

    As `run`, from one fixed seed and with notes on the contract taken for errors; layers that pass
    are lines of a table, with --verbose reports. A layer's file
    that is not registered, a missing spec or oracle, or a class of configurations that no case
    fell into ends with exit code 3.
    """
    ctx.exit(_gate(layers, **options))


def _gate(
    layers: Sequence[str],
    *,
    outputs: Sequence[Output],
    quiet: bool,
    verbose: bool,
    jobs: int | None,
    **settings: Any,
) -> int:
    from gradcheck import runner
    from gradcheck.cli import _layers
    from gradcheck.cli._outputs import execute
    from gradcheck.gate import survey

    names = _layers.checked(layers) or _layers.every(PACKAGE)
    found = survey(names)
    names = [name for name in names if name not in found.unchecked]
    how: dict[str, Any] = {
        "profile": PROFILES["ci"],
        "jobs": settled_jobs(jobs, len(names)),
        "strict": True,
    }

    def work(tell: Callable[[Event], None]) -> RunReport:
        report = runner.run(names, **how, **settings, listen=_all_but_the_end(tell))
        return _with_complaints(report, found.complaints, tell)

    return execute(outputs, 2 * int(verbose) - int(quiet) - 1, work)


def _all_but_the_end(tell: Callable[[Event], None]) -> Callable[[Event], None]:
    """Pass on what the runner says, but for its last word: the gate has more to say."""
    from gradcheck.events import RunFinished

    return lambda event: None if isinstance(event, RunFinished) else tell(event)


def _with_complaints(
    report: RunReport, missing: Sequence[str], tell: Callable[[Event], None]
) -> RunReport:
    from gradcheck.events import RunFinished
    from gradcheck.gate import not_covered

    final = replace(report, complaints=(*missing, *not_covered(report.layers)))
    tell(RunFinished(report=final))
    return final
