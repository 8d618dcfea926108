"""``gradcheck check``: a layer of one's own, from a file or a module, against a spec."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from gradcheck.cli._again import given
from gradcheck.cli._values import Output, read_case, read_fixed, read_outputs, read_places
from gradcheck.cli._wrapped import wrapped

if TYPE_CHECKING:
    from gradcheck.campaign import Plan
    from gradcheck.case import Case
    from gradcheck.infer import Inferred
    from gradcheck.spec import Spec


def _asked_for(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Ask for a spec where no inputs are given instead."""
    if not value and not ctx.params.get("inputs"):
        how = "`gradcheck list` names the kinds of layer; a network takes --inputs instead"
        raise click.MissingParameter(how, ctx=ctx, param=param)
    return value


@click.command("check", short_help="Check a layer of your own against a spec.")
@click.argument("target", required=False)
@click.option("--spec", "spec_name", metavar="NAME", callback=_asked_for, help="The kind of layer.")
@click.option(
    "--inputs", metavar="TARGET", is_eager=True,
    help="Instead of a spec, for a network: a .npz, a dict or a function giving one, of its data.",
)  # fmt: skip
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
    "--seconds", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True,
    help="With --isolate: the longest that one call may take.",
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
    spec_name: str | None, inputs: str | None, outputs: Sequence[Output], quiet: bool,
    verbose: bool, **options: Any,
) -> None:  # fmt: skip
    """Check TARGET, path/to/file.py:Name or module:Name, against a spec.

    TARGET is a class, an instance, a factory, a function or an adapter; --forward and --backward
    name a pair of functions instead. What is not said is worked out, and printed as assumed.
    With --inputs TARGET is a network: its loss, and the gradients of its parameters.
    """
    if (target is None) == (forward is None) or (forward is None) != (backward is None):
        raise click.UsageError("give either TARGET or both --forward and --backward")
    if inputs and (spec_name or backward):
        raise click.UsageError(
            "--inputs is for a network, TARGET; it goes without --spec and pairs"
        )
    from gradcheck.found import as_found
    from gradcheck.target import visiting

    printed, again = io.StringIO(), given(ctx)
    with as_found(), visiting():
        if inputs:
            plan, kind = _of_network(str(target), inputs, again, printed, **options), "inputs"
        else:
            plan = _of_spec(
                again, printed, str(target or forward), backward, str(spec_name), **options
            )
            kind = str(spec_name)
        ctx.exit(_conducted(plan, kind, outputs, int(verbose) - 2 * int(quiet), printed))


CALLS = 4
"""So many calls at their limit of time may be spent on seeing how a layer is called."""


def _tried(work: Callable[[], object], spec: Spec, seconds: float) -> str:
    """See how the layer is called in a process of its own first; return what became of that."""
    from gradcheck.adapt._isolated import tried
    from gradcheck.infer import oracle_of, point

    oracle = oracle_of(spec)  # what is ours takes its time out here
    if oracle is not None:
        with suppress(ValueError):
            next(point.points(spec, oracle, {}), None)
    return tried(work, seconds=CALLS * seconds)


class _Lost(click.ClickException):
    """The layer has not survived being looked at."""

    exit_code = 4

    def __init__(self, message: str) -> None:
        super().__init__(f"{message}; nothing was checked")


def _of_network(
    target: str, inputs: str, again: str, printed: io.StringIO, *, fixed: dict[str, Any],
    seed: int, isolate: bool, seconds: float, **ignored: Any,
) -> Plan:  # fmt: skip
    from gradcheck.cli._network import planned

    return planned(
        target,
        inputs,
        fixed,
        seed=seed,
        seconds=seconds if isolate else 0.0,
        again=again,
        printed=printed,
    )


def _of_spec(
    again: str, printed: io.StringIO, first: str, second: str | None, spec_name: str, *,
    case: Case | None, examples: int, seed: int, isolate: bool, seconds: float,
    omit: tuple[str, ...], **said: Any,
) -> Plan:  # fmt: skip
    from gradcheck.adapt import isolated
    from gradcheck.api import planned
    from gradcheck.cli._layers import find, require_shapes
    from gradcheck.found import but_path

    spec: Spec = find("specs", spec_name).load()
    if case is not None:
        require_shapes(case, spec)
    if unknown := sorted(set(omit) - set(spec.inputs)):
        about = f"{spec.name} is about {', '.join(spec.inputs)}"
        raise click.UsageError(f"--omit {unknown[0]}: {about}")
    with but_path(), redirect_stdout(printed), redirect_stderr(printed):
        if isolate and (lost := _tried(lambda: _made(first, second, spec, **said), spec, seconds)):
            raise _Lost(f"{first}, tried at one point to see how it is called: {lost}")
        made, against, fixed = _made(first, second, spec, **said)
    if isolate:
        made = replace(made, layer=isolated(made.layer, seconds=seconds))
    for text in made.assumed:
        click.echo(wrapped(f"assumed: {text}"), err=True)
    plan = planned(
        spec, made, examples=examples, seed=seed, fixed=fixed, against=against, omit=omit, case=case
    )
    command = f"{again} --seed {seed} --examples {examples}" if case is None else ""
    return replace(plan, command=command, replay=f"{again} --seed {seed} --case")


def _conducted(
    plan: Plan, kind: str, outputs: Sequence[Output], verbosity: int, printed: io.StringIO
) -> int:
    """Check, show the report, and return the exit code."""
    from gradcheck.cli._outputs import execute
    from gradcheck.found import but_path

    def work(tell: Any) -> Any:
        with but_path(), redirect_stdout(printed), redirect_stderr(printed):
            warnings.simplefilter("ignore", RuntimeWarning)  # of zero samples, say: a check tells
            return _report(plan, kind, tell)

    code = execute(outputs, verbosity, work)
    if code and printed.getvalue():
        click.echo(f"the layer printed:\n{_last(printed.getvalue())}", err=True)
    return code


def _last(printed: str, lines: int = 25) -> str:
    """Return the last lines that were printed; one that comes again and again is told once."""
    told = [(line, len(list(same))) for line, same in groupby(printed.splitlines())]
    shown = [line if times == 1 else f"{line}  ({times} times)" for line, times in told[-lines:]]
    return "\n".join(["..."] * (len(told) > lines) + shown)


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


def _report(plan: Plan, kind: str, tell: Any) -> Any:
    from gradcheck.campaign import conduct
    from gradcheck.events import LayerFinished, LayerStarted, RunFinished, RunStarted
    from gradcheck.report import RunReport
    from gradcheck.versions import versions

    name, found = plan.subject.layer.name, versions()
    tell(RunStarted(layers=(name,), settings={"spec": kind}, versions=found))
    tell(LayerStarted(layer=name))
    report = conduct(plan)
    tell(LayerFinished(report=report))
    total = RunReport(layers=(report,), versions=found, seconds=report.seconds)
    tell(RunFinished(report=total))
    return total
