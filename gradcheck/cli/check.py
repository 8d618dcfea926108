"""``gradcheck check``: a layer of one's own, from a file or a module, against a spec."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gradcheck.cli._again import given
from gradcheck.cli._values import Output, read_case, read_fixed, read_outputs, read_places

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.infer import Inferred
    from gradcheck.spec import Spec


@click.command("check", short_help="Check a layer of your own against a spec.")
@click.argument("target", required=False)
@click.option("--spec", "spec_name", required=True, metavar="NAME", help="The kind of layer.")
@click.option("--forward", metavar="TARGET", help="The forward of a pair of functions.")
@click.option("--backward", metavar="TARGET", help="The backward of that pair.")
@click.option("--against", metavar="TARGET", help="A second implementation, used as the oracle.")
@click.option(
    "--fix", "fixed", metavar="KEY=VALUE", multiple=True, callback=read_fixed,
    help="Pin a setting (stride=2, bias=false), or say an argument of the target. Repeatable.",
)  # fmt: skip
@click.option("--layout", metavar="AXES", default="", help="Axes of x and the output: NHWC, CHW.")
@click.option(
    "--weight-layout",
    metavar="AXES",
    default="",
    help="Axes of the weight: OIHW, HWIO, IO, O(IHW).",
)
@click.option(
    "--reduction", type=click.Choice(("sum", "mean", "-sum", "-mean")),
    help="Scale and sign of all parameter gradients.",
)  # fmt: skip
@click.option(
    "--params", metavar="NAME=PLACE", multiple=True, callback=read_places,
    help="Where a parameter is kept: weight=params[W]. Repeatable.",
)  # fmt: skip
@click.option(
    "--grads", metavar="NAME=PLACE", multiple=True, callback=read_places,
    help="Where its gradient is kept after backward: weight=dW. Repeatable.",
)  # fmt: skip
@click.option(
    "--omit", metavar="NAME", multiple=True,
    help="Say that the layer gives no gradient for an input, on purpose. Repeatable.",
)  # fmt: skip
@click.option(
    "--isolate", is_flag=True,
    help="Run the layer in a process of its own, with limits of time and memory.",
)  # fmt: skip
@click.option(
    "--case", metavar="JSON", callback=read_case,
    help="Replay one case, as a failure says; @FILE reads it from a file.",
)  # fmt: skip
@click.option("--examples", type=click.IntRange(min=1), default=200, show_default=True)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--format", "outputs", metavar="NAME[=PATH]", multiple=True, callback=read_outputs,
    help="Write the report in a format, as `gradcheck run` does. Repeatable.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Only what did not pass, and the verdict.")
@click.option("-v", "--verbose", is_flag=True, help="Everything, tables of coverage too.")
@click.pass_context
def command(
    ctx: click.Context, /, target: str | None, forward: str | None, backward: str | None,
    spec_name: str, **options: Any,
) -> None:  # fmt: skip
    """Check TARGET, path/to/file.py:Name or module:Name, against a spec.

    TARGET is a class, an instance, a factory, a function or an adapter; --forward and --backward
    name a pair of functions instead. What is not said is worked out, and printed as assumed.
    """
    if (target is None) == (forward is None) or (forward is None) != (backward is None):
        raise click.UsageError("give either TARGET or both --forward and --backward")
    from gradcheck.found import as_found
    from gradcheck.target import visiting

    with as_found(), visiting():
        ctx.exit(_check(given(ctx), str(target or forward), backward, spec_name, **options))


def _check(
    again: str, first: str, second: str | None, spec_name: str, *, case: Case | None,
    examples: int, seed: int, outputs: Sequence[Output], quiet: bool, verbose: bool,
    isolate: bool, omit: tuple[str, ...], **said: Any,
) -> int:  # fmt: skip
    from gradcheck.adapt import isolated
    from gradcheck.cli._layers import find, require_shapes
    from gradcheck.cli._outputs import execute
    from gradcheck.found import but_path

    spec: Spec = find("specs", spec_name).load()
    if case is not None:
        require_shapes(case, spec)
    printed = io.StringIO()
    with but_path(), redirect_stdout(printed), redirect_stderr(printed):
        made, against, fixed = _made(first, second, spec, **said)
    if isolate:
        made = replace(made, layer=isolated(made.layer))
    if unknown := sorted(set(omit) - set(spec.inputs)):
        raise click.UsageError(
            f"--omit {unknown[0]}: {spec.name} is about {', '.join(spec.inputs)}"
        )
    for text in made.assumed:
        click.echo(f"assumed: {text}", err=True)

    def work(tell: Any) -> Any:
        how = {"examples": examples, "seed": seed, "fixed": fixed, "against": against, "omit": omit}
        with but_path(), redirect_stdout(printed), redirect_stderr(printed):
            return _report(made, spec, tell, again, {**how, "case": case})

    code = execute(outputs, int(verbose) - 2 * int(quiet), work)
    if code and printed.getvalue():
        click.echo(f"the layer printed:\n{printed.getvalue()[-2000:]}", err=True)
    return code


def _made(
    first: str, second: str | None, spec: Spec, *, against: str | None, fixed: dict[str, Any],
    reduction: str | None, **said: Any,
) -> tuple[Inferred, Inferred | None, dict[str, Any]]:  # fmt: skip
    """Load what is named and work out how it is called; what cannot be done is wrong usage."""
    from gradcheck.infer import CannotInfer, Said, infer, oracle_of, parted
    from gradcheck.infer.arguments import UnknownArgument
    from gradcheck.target import TargetError, load

    try:
        found, back = load(first), load(second) if second else None
        oracle = oracle_of(spec)
        pins, extra = parted(spec, fixed)
        told = Said(**said, extra=extra, reduction=reduction or "")
        made = infer(found, spec, oracle, backward=back, said=told, fixed=pins)
        other = infer(load(against), spec, oracle, fixed=pins) if against else None
    except (TargetError, CannotInfer, UnknownArgument, ValueError) as error:
        raise click.UsageError(str(error)) from None
    return made, other, pins


def _report(made: Inferred, spec: Spec, tell: Any, again: str, how: dict[str, Any]) -> Any:
    from gradcheck.api import planned
    from gradcheck.campaign import conduct
    from gradcheck.events import LayerFinished, LayerStarted, RunFinished, RunStarted
    from gradcheck.report import RunReport
    from gradcheck.versions import versions

    name, found = made.name, versions()
    tell(RunStarted(layers=(name,), settings={"spec": spec.name}, versions=found))
    tell(LayerStarted(layer=name))
    seeded = f"{again} --seed {how['seed']}"
    command = f"{seeded} --examples {how['examples']}" if how["case"] is None else ""
    plan = replace(planned(spec, made, **how), command=command, replay=f"{seeded} --case")
    report = conduct(plan)
    tell(LayerFinished(report=report))
    total = RunReport(layers=(report,), versions=found, seconds=report.seconds)
    tell(RunFinished(report=total))
    return total
