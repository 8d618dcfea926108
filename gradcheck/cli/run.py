"""``gradcheck run``: check registered layers, print an error report for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from gradcheck.case import DRAWN, DTYPES
from gradcheck.cli._options import settled_jobs, shared
from gradcheck.cli._values import Output, read_case
from gradcheck.profiles import PROFILES

if TYPE_CHECKING:
    from gradcheck.case import Case


@click.command("run", short_help="Check layers, print an error report for each.")
@shared
@click.option(
    "--dtype",
    "dtypes",
    type=click.Choice(DTYPES),
    multiple=True,
    default=DRAWN,
    help="Dtype of the arrays; repeatable; float64 and float32 by default.",
)
@click.option(
    "--profile",
    type=click.Choice(list(PROFILES)),
    default="default",
    show_default=True,
    help="How much is drawn, and from which seed; nightly draws a fresh one.",
)
@click.option(
    "--oracle",
    type=click.Choice(("auto", "required")),
    default="auto",
    show_default=True,
    help="Whether a missing oracle (torch) is said in the report or ends the run.",
)
@click.option(
    "--case",
    metavar="JSON",
    callback=read_case,
    help="Replay one case of one LAYER; @FILE reads it from a file.",
)
@click.pass_context
def command(
    ctx: click.Context, /, layers: tuple[str, ...], case: Case | None, **options: Any
) -> None:
    """Check LAYERs, all registered ones by default, and print an error report for each.

    Each layer is held against its contract, against finite differences and against torch's
    autograd on many configurations. The exit code is 0 only if every layer passes.
    """
    if case is not None and len(layers) != 1:
        raise click.UsageError(f"--case needs exactly one LAYER; there are {len(layers)}")
    ctx.exit(_run(layers, case=case, **options))


def _run(
    layers: Sequence[str],
    *,
    case: Case | None,
    outputs: Sequence[Output],
    quiet: bool,
    verbose: bool,
    jobs: int | None,
    profile: str,
    oracle: str,
    **settings: Any,
) -> int:
    from gradcheck.cli import _layers
    from gradcheck.cli._outputs import execute

    names = _layers.checked(layers) or _layers.every()
    if case is not None:
        _layers.require_fit(case, names[0])
    if oracle == "required":
        _layers.require_oracles(names)
    from gradcheck import runner  # NumPy and all: after what is wrong has been said

    how: dict[str, Any] = {
        "profile": PROFILES[profile],
        "jobs": settled_jobs(jobs, len(names)),
        "oracle": oracle,
    }
    return execute(
        outputs,
        int(verbose) - 2 * int(quiet),
        lambda tell: runner.run(names, **how, case=case, **settings, listen=tell),
    )
