"""``gradcheck check``: a layer of one's own, from a file or a module, against a spec."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from gradcheck.cli._values import Output, read_outputs
from gradcheck.cli.explain import read_fixed

if TYPE_CHECKING:
    from gradcheck.adapt._infer import Inferred
    from gradcheck.adapt._probe import Probe
    from gradcheck.spec import Spec


RECTANGULAR = ("kh != kw", "sh != sw", "ph != pw")
"""Classes of configurations that a layer which takes one number for both axes cannot have."""


@click.command("check", short_help="Check a layer of your own against a spec.")
@click.argument("target", required=False)
@click.option("--spec", "spec_name", required=True, metavar="NAME", help="The kind of layer.")
@click.option("--forward", metavar="TARGET", help="The forward of a pair of functions.")
@click.option("--backward", metavar="TARGET", help="The backward of that pair.")
@click.option(
    "--fix", "fixed", metavar="KEY=VALUE", multiple=True, callback=read_fixed,
    help="Pin a setting: stride=2, bias=false. Repeatable.",
)  # fmt: skip
@click.option("--layout", type=click.Choice(("NCHW", "NHWC")), help="Axes of x and the output.")
@click.option("--weight-layout", metavar="AXES", help="Axes of the weight: OIHW, HWIO, IO, ...")
@click.option("--reduction", type=click.Choice(("sum", "mean")), help="Of parameter gradients.")
@click.option(
    "--params", metavar="NAME=PLACE", multiple=True, callback=read_fixed,
    help="Where a parameter is kept: weight=params[W]. Repeatable.",
)  # fmt: skip
@click.option(
    "--grads", metavar="NAME=PLACE", multiple=True, callback=read_fixed,
    help="Where its gradient is kept after backward: weight=dW. Repeatable.",
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

    TARGET is a class, a factory or an adapter; --forward and --backward name a pair of functions
    instead. What is not said is worked out, and printed as assumed.
    """
    if (target is None) == (forward is None) or (forward is None) != (backward is None):
        raise click.UsageError("give either TARGET or both --forward and --backward")
    ctx.exit(_check(str(target or forward), backward, spec_name, **options))


def _check(
    first: str, second: str | None, spec_name: str, *, fixed: dict[str, Any], examples: int,
    seed: int, outputs: Sequence[Output], quiet: bool, verbose: bool, **said: Any,
) -> int:  # fmt: skip
    from gradcheck.cli._layers import find
    from gradcheck.cli._outputs import execute
    from gradcheck.target import TargetError, as_found, load

    spec: Spec = find("specs", spec_name).load()
    try:
        found = load(first), load(second) if second else None
    except TargetError as error:
        raise click.UsageError(str(error)) from None
    printed = io.StringIO()
    with as_found(), redirect_stdout(printed):
        made = _inferred(*found, spec, said, fixed)
    settled = {**made.fixed, **fixed}
    for text in (*made.assumed, *(f"only {key}={value}" for key, value in made.fixed.items())):
        click.echo(f"assumed: {text}", err=True)

    def work(tell: Any) -> Any:
        with as_found(), redirect_stdout(printed):
            return _report(made, spec, settled, examples, seed, tell)

    code = execute(outputs, int(verbose) - int(quiet), work)
    if code and printed.getvalue():
        click.echo(f"the layer printed:\n{printed.getvalue()[-2000:]}", err=True)
    return code


def _inferred(
    first: Any, second: Any, spec: Spec, said: Mapping[str, Any], fixed: dict[str, Any]
) -> Inferred:
    from gradcheck.adapt._infer import CannotInfer
    from gradcheck.cli._stranger import prepared

    try:
        return prepared(first, second, spec, said, _probe(spec, fixed))
    except (CannotInfer, ValueError) as error:
        raise click.UsageError(str(error)) from None
    except Exception as error:
        raise click.UsageError(
            f"the target does not run at one point: {type(error).__name__}: {error}; "
            f"say its conventions, or hand over an adapter"
        ) from None


def _probe(spec: Spec, fixed: Mapping[str, Any]) -> Probe:
    """Draw a point at which conventions differ: square settings, extents apart, a batch."""
    import numpy as np

    from gradcheck.adapt._probe import Probe
    from gradcheck.adapt._settings import NEUTRAL
    from gradcheck.engine import Outcome
    from gradcheck.generation import sweep
    from gradcheck.points import draw_point
    from gradcheck.profiles import PROFILES
    from gradcheck.verdict import Verdict

    if spec.oracle is None or spec.oracle.missing():
        raise click.UsageError(f"{spec.name} has no oracle here to tell conventions by")
    keys = set(dict(_first(spec, fixed).config)) & set(NEUTRAL)
    biased = {"bias": True} if "bias" in spec.inputs else {}
    pins = {**{key: NEUTRAL[key] for key in keys}, **biased, "dtype": "float64", **fixed}
    outcomes, _ = sweep(
        spec.cases("any", pins), lambda case: Outcome(case=case, verdict=Verdict.PASS),
        examples=60, seed=0, profile=PROFILES["default"],
    )  # fmt: skip
    case = max((o.case for o in outcomes), key=_told_apart)
    rng = np.random.default_rng(0)
    inputs = draw_point(spec, case, rng).inputs
    output, pullback = spec.oracle(case.config).pull(**inputs)
    cotangent = rng.standard_normal(output.shape)
    return Probe(
        config=case.config, inputs=inputs, cotangent=cotangent, output=output,
        gradients=pullback(cotangent),
    )  # fmt: skip


def _first(spec: Spec, fixed: Mapping[str, Any]) -> Any:
    from gradcheck.engine import Outcome
    from gradcheck.generation import sweep
    from gradcheck.profiles import PROFILES
    from gradcheck.verdict import Verdict

    try:
        strategy = spec.cases("any", fixed)
    except ValueError as error:
        raise click.UsageError(f"--fix: {error}") from None
    outcomes, _ = sweep(
        strategy, lambda case: Outcome(case=case, verdict=Verdict.PASS),
        examples=1, seed=0, profile=PROFILES["default"],
    )  # fmt: skip
    return outcomes[0].case


def _told_apart(case: Any) -> tuple[bool, bool, int]:
    weight = case.shapes.get("weight") or ()
    square = len(set(weight[2:])) <= 1
    extents = {*case.shape("x"), *weight[:2]}
    return case.shape("x")[0] > 1, square, len(extents)


def _report(
    made: Inferred, spec: Spec, fixed: dict[str, Any], examples: int, seed: int, tell: Any
) -> Any:
    from gradcheck.adapt._settings import is_square
    from gradcheck.api import check_layer
    from gradcheck.events import LayerFinished, LayerStarted, RunFinished, RunStarted
    from gradcheck.report import RunReport
    from gradcheck.versions import versions

    name, found = made.layer.name, versions()
    tell(RunStarted(layers=(name,), settings={"spec": spec.name}, versions=found))
    tell(LayerStarted(layer=name))
    squares = made.assumed != ("a prepared adapter",) and any(
        c.name in RECTANGULAR for c in spec.classes
    )
    where = is_square if squares else None
    report = check_layer(spec, made.layer, examples=examples, seed=seed, fixed=fixed, where=where)
    tell(LayerFinished(report=report))
    total = RunReport(layers=(report,), versions=found, seconds=report.seconds)
    tell(RunFinished(report=total))
    return total
