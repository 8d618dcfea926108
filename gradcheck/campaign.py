"""Campaign: all cases of one layer, class by class, and the report of what they showed."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any
from zlib import crc32

from gradcheck import literal, telling
from gradcheck.adapt._isolated import LATE
from gradcheck.case import DRAWN
from gradcheck.checks.contract.repeated import ADVICE
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.finding import Failure, Note
from gradcheck.found import as_found
from gradcheck.generation import sweep
from gradcheck.profiles import PROFILES, Profile
from gradcheck.report import LayerReport
from gradcheck.spec import Contradiction
from gradcheck.tally import Tally
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case

ATTACKING = ("contract", "structure")
"""Checks of which a part is made in turn."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How a layer is to be checked.

    ``strategy`` draws the cases where there is no spec to draw them; ``case`` replays a single
    one; ``command`` is how this plan is repeated, in a shell or in Python, and ``replay`` how a
    shell repeats one case, up to the case; ``narrow`` brings a case into the part of the contract
    that a layer knows, and ``assumed`` are the conventions that it was seen through; ``suspect`` is
    a case at which the layer raised when it was looked at, checked where the others show nothing.
    """

    subject: Subject
    profile: Profile = PROFILES["default"]
    examples: int = 200
    seed: int = 0
    dtypes: tuple[str, ...] = DRAWN
    fixed: Mapping[str, Any] = field(default_factory=dict)
    where: Callable[[Mapping[str, Any]], bool] | None = None
    narrow: Callable[[Case], Case | None] | None = None
    assumed: tuple[str, ...] = ()
    strategy: SearchStrategy[Case] | None = None
    case: Case | None = None
    suspect: Case | None = None
    origin: str = ""
    command: str = ""
    replay: str = ""
    missing_oracle: str | None = None


def conduct(plan: Plan, progress: Callable[[int], None] | None = None) -> LayerReport:
    """Check one layer and report.

    Parameters
    ----------
    plan : Plan
        Layer, spec and amount of work.
    progress : callable, optional
        Told the number of cases done, now and then.
    """
    start = time.perf_counter()
    tally, attacked, late = Tally(), False, False

    def check(case: Case) -> Outcome:
        nonlocal attacked, late
        if late:  # a smaller case is not worth the time
            return Outcome(case=case, verdict=Verdict.PASS)
        # What failed by an attack shrinks only if the smaller cases meet that attack as well.
        outcome = examine(plan.subject, case, explain=case is plan.case, thorough=attacked)
        attacked = attacked or _by_an_attack(outcome)
        late = outcome.crash is not None and LATE in outcome.crash.message
        if progress:
            progress(tally.cases)
        return outcome

    with as_found():
        if plan.case is not None:
            _count(plan, tally, [check(plan.case)])
        else:
            _sweep_all(plan, tally, check)
    return _report(plan, tally, time.perf_counter() - start)


def _by_an_attack(outcome: Outcome) -> bool:
    """Return whether a case failed by what is not done to every case."""
    failure = outcome.failure
    return outcome.crash is not None or (failure is not None and failure.check in ATTACKING)


def _sweep_all(plan: Plan, tally: Tally, check: Callable[[Case], Outcome]) -> None:
    """Sweep class by class, so that every class is reached by construction, not by luck."""
    targets = list(_targets(plan, tally))
    for turn, (target, strategy) in enumerate(targets):
        share = (plan.examples - tally.cases) // max(len(targets) - turn, 1)
        seed = crc32(f"{plan.seed} {target}".encode())
        outcomes, failing = sweep(
            strategy, check, examples=max(share, 1), seed=seed, profile=plan.profile,
            ahead=plan.strategy is None,
        )  # fmt: skip
        _count(plan, tally, outcomes)
        if failing is not None:
            smallest = _looked_at_again(plan, failing)
            _count(plan, tally, [telling.explained(plan.subject, smallest, strategy, seed)])
            return


def _looked_at_again(plan: Plan, failing: Case) -> Outcome:
    """Return what a failing case shows when it is looked at closely: a failure, in any event."""
    outcome = examine(plan.subject, failing, explain=True)
    if outcome.failure or outcome.crash:
        return outcome
    told = "the layer is not deterministic: this case failed, and when it came again it did not"
    failure = Failure(check="contract", wrt="", message=f"{told}. {ADVICE}", case=failing)
    return replace(outcome, verdict=Verdict.FAIL, failure=failure)


def _targets(plan: Plan, tally: Tally) -> Iterator[tuple[str, SearchStrategy[Case]]]:
    if plan.strategy is not None:
        yield "inputs", _where(plan, plan.strategy)
        return
    from hypothesis.strategies import just

    spec = plan.subject.spec
    assert spec is not None  # a plan has a case, a strategy or a spec
    drawn = set(plan.dtypes) == set(DRAWN)
    pins: list[dict[str, Any]] = [{}] if drawn else [{"dtype": dtype} for dtype in plan.dtypes]
    for target, pin in product(("any", *(c.name for c in spec.classes)), pins):
        try:
            yield (
                " ".join((target, *pin.values())),
                _where(plan, spec.cases(target, {**plan.fixed, **pin})),
            )
        except Contradiction as reason:
            tally.left_out[target] = str(reason)
    if plan.suspect is not None:
        yield "where it raised", _where(plan, just(plan.suspect))


def _where(plan: Plan, strategy: SearchStrategy[Case]) -> SearchStrategy[Case]:
    where = plan.where
    if plan.narrow:
        brought: SearchStrategy[Any] = strategy.map(plan.narrow)
        strategy = brought.filter(lambda case: case is not None)
    return strategy if where is None else strategy.filter(lambda case: where(case.facts))


def _count(plan: Plan, tally: Tally, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        tally.add(outcome, plan.subject.spec)
        if outcome.failure:
            shown = replace(outcome.failure, reproduce=_replay(plan, outcome.case))
            tally.failures.append(shown)
        if outcome.crash:
            raised = replace(outcome.crash, reproduce=_replay(plan, outcome.case))
            tally.crashes.append(raised)


def _replay(plan: Plan, case: Case) -> str:
    if case.given is not None:
        again = plan.command.startswith("gradcheck check ")
        return plan.command if again else literal.call(case)
    if plan.replay:
        return f"{plan.replay} {shlex.quote(case.to_json())}"
    return f"{plan.command}, case=gradcheck.Case.from_dict({case.to_dict()}))"


def _report(plan: Plan, tally: Tally, seconds: float) -> LayerReport:
    spec = plan.subject.spec
    _explain_left_out(plan, tally)
    coverage = tally.coverage(spec) if plan.case is None and spec is not None else ()
    values = bool({"differences", "oracle"}.intersection(plan.subject.checks))
    verdict, reason = tally.verdict(coverage, values=values)
    return LayerReport(
        layer=plan.subject.layer.name,
        spec=spec.name if spec else "",
        origin=plan.origin,
        verdict=verdict,
        reason=reason,
        cases=tally.cases,
        regimes=dict(tally.regimes),
        comparisons=tally.comparisons(),
        certificate=tally.certificate,
        power=tally.powers(),
        coverage=coverage,
        failures=tuple(tally.failures),
        crashes=tuple(tally.crashes),
        doubts=tally.counted_doubts(),
        notes=(*_conventions(plan), *tally.counted_notes()),
        not_checked=tuple(_not_checked(plan, tally, verdict)),
        examples=plan.examples,
        seed=plan.seed,
        profile=plan.profile.name,
        dtypes=plan.dtypes,
        fixed=dict(plan.fixed),
        where=_name_of(plan.where),
        reproduce=plan.command + ")" * plan.command.startswith("gradcheck."),
        seconds=seconds,
    )


def _conventions(plan: Plan) -> list[Note]:
    return [Note(name="assumed", message=text, count=1) for text in plan.assumed]


def _explain_left_out(plan: Plan, tally: Tally) -> None:
    """Say why a class has no case where ``where`` or ``fixed`` kept it out."""
    spec = plan.subject.spec
    for c in spec.classes if spec else ():
        if plan.where is not None and not tally.classes[c.name]:
            tally.left_out.setdefault(c.name, f"where={_name_of(plan.where)} keeps it out")
        if plan.narrow and not tally.classes[c.name] and not (tally.failures or tally.crashes):
            tally.left_out.setdefault(c.name, str(plan.narrow))
        if c.name in DRAWN and c.name not in plan.dtypes:
            tally.left_out[c.name] = f"dtype {', '.join(plan.dtypes)} was asked for"


def _not_checked(plan: Plan, tally: Tally, verdict: Verdict) -> Iterator[str]:
    if plan.missing_oracle:
        yield f"the output and gradients against autograd: {plan.missing_oracle}"
    if plan.subject.oracle is None:
        yield "the output against an oracle: a wrong forward that its backward matches passes"
    if plan.subject.omission.names:
        yield f"what is not there: {plan.subject.omission}"
    if plan.fixed:
        yield f"configurations other than {dict(plan.fixed)}"
    if plan.where:
        yield f"configurations outside where={_name_of(plan.where)}"
    if plan.narrow:
        yield f"other configurations: {plan.narrow}"
    if tally.untried:
        yield f"{', '.join(tally.untried)}: their turn did not come in {tally.cases} cases"
    if verdict in (Verdict.FAIL, Verdict.ERROR) and plan.case is None:
        yield "whatever comes after the first failure"
    yield "points, sizes and configurations other than those drawn; speed; threads"


def _name_of(where: object) -> str:
    return "" if where is None else getattr(where, "__name__", repr(where))
