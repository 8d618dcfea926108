"""``gradcheck explain``: one case of one layer, looked at whole."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from gradcheck.cli._values import read_case, read_fixed

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case
    from gradcheck.engine import Subject
    from gradcheck.explanation import Explanation, View

LABEL = 14
"""Columns of the labels."""


@click.command("explain", short_help="Look at one case of a layer, its whole Jacobian.")
@click.argument("layer")
@click.option(
    "--case", metavar="JSON", callback=read_case, help="The case; @FILE reads it from a file."
)
@click.option(
    "--fix",
    "fixed",
    metavar="KEY=VALUE",
    multiple=True,
    callback=read_fixed,
    help="Pin a setting of the case that is drawn: stride=2, bias=false. Repeatable.",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Seed of the case drawn.")
@click.pass_context
def command(
    ctx: click.Context, /, layer: str, case: Case | None, fixed: dict[str, Any], seed: int
) -> None:
    """Explain a case of LAYER: the arithmetic of its config, its Jacobian, what is wrong and why.

    Without --case the smallest case that fails is taken, or a drawn one where none does.
    """
    from gradcheck.cli import _layers

    _layers.find("layers", layer)
    if case is not None:
        _layers.require_fit(case, layer)
    ctx.exit(_explain(layer, case, fixed, seed))


def _explain(name: str, case: Case | None, fixed: dict[str, Any], seed: int) -> int:
    from gradcheck import registry, telling
    from gradcheck.engine import Subject
    from gradcheck.explanation import explain

    try:
        layer, spec_name, _ = registry.load_layer(name)
        spec = registry.load_spec(spec_name)
    except (registry.LoadError, registry.UnknownName) as error:
        click.echo(f"ERROR: {error}", err=True)
        return 4
    oracle = spec.oracle if spec.oracle and not spec.oracle.missing() else None
    subject = Subject(layer=layer, spec=spec, oracle=oracle)
    if case is not None:
        found = explain(subject, case)
    else:
        strategy = _cases(subject, fixed)
        found = explain(subject, telling.chosen(subject, strategy, seed))
        outcome = telling.explained(subject, found.outcome, strategy, seed)
        found = replace(found, outcome=outcome)
    for line in _lines(name, found):
        click.echo(line)
    from gradcheck.verdict import Verdict

    codes = {Verdict.PASS: 0, Verdict.FAIL: 1, Verdict.INCONCLUSIVE: 3, Verdict.ERROR: 4}
    return codes[found.outcome.verdict]


def _cases(subject: Subject, fixed: dict[str, Any]) -> SearchStrategy[Case]:
    assert subject.spec is not None  # a registered layer names its spec
    try:
        return subject.spec.cases("any", fixed)
    except ValueError as error:
        raise click.UsageError(f"--fix: {error}") from None


def _lines(name: str, found: Explanation) -> Iterator[str]:
    outcome = found.outcome
    case = outcome.case
    yield f"{name}  {outcome.verdict}"
    yield ""
    yield from _fact("config", str(case.config) or "(none)")
    shapes = ", ".join(f"{n} {s if s is not None else 'absent'}" for n, s in case.shapes.items())
    yield from _fact("shapes", f"{shapes} ({case.dtype})")
    for label, text in found.facts:
        yield from _fact(label, text)
    yield ""
    if found.unseen:
        yield from _fact("Jacobian", f"not looked at whole: {found.unseen}")
    for view in found.views:
        yield from _view(view)
    yield from _failure(found)
    yield ""
    yield "replay it:"
    yield f"  gradcheck explain {name} --case '{case.to_json()}'"


def _view(view: View) -> Iterator[str]:
    outputs, inputs = view.shape
    seen = f"{outputs} x {inputs}, {view.nonzeros} entries differ from zero"
    yield from _fact(f"d output/d {view.wrt}", f"{seen}; error bars at most {view.bar:.1e}")
    if not view.wrong:
        yield from _fact("", "the backward has every entry right")
        return
    yield from _fact("", f"the backward has {view.wrong} wrong; the first:")
    for entry in view.entries:
        values = f"backward {entry.backward:.9g}, differences {entry.differences:.9g}"
        if entry.autograd is not None:
            values += f", autograd {entry.autograd:.9g}"
        yield from _fact("", f"{entry.place}: {values}")


def _failure(found: Explanation) -> Iterator[str]:
    failure, crash = found.outcome.failure, found.outcome.crash
    if crash is not None:
        yield ""
        yield from _fact("raised", f"{crash.where}: {crash.message}")
    if failure is not None:
        yield ""
        yield from _fact("failure", f"{failure.check}: {failure.message}")
        yield from _fact("cause", failure.cause or "no known cause fits")


def _fact(label: str, text: str) -> Iterator[str]:
    width = max(40, shutil.get_terminal_size((80, 24)).columns - LABEL - 2)
    wrapped = textwrap.wrap(text, width, break_long_words=False) or [""]
    start = f"{label:{LABEL}}  " if len(label) <= LABEL else f"{label}\n{'':{LABEL}}  "
    yield (start + wrapped[0]).rstrip()
    for line in wrapped[1:]:
        yield f"{'':{LABEL}}  {line}"
