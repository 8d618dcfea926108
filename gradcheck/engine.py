"""Engine: one case, contract first, then values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gradcheck import causes, power, scale
from gradcheck.case import DRAWN
from gradcheck.checks import CHECKS
from gradcheck.checks.contract import repeated
from gradcheck.finding import Crash, Doubt, Evidence, Failure, Finding, Note
from gradcheck.omission import Omission
from gradcheck.trial import Trial
from gradcheck.verdict import Verdict
from gradcheck.violation import Raised, Violation

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Layer
    from gradcheck.spec import Oracle, Spec


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What is checked, against what, how strictly: everything but the case."""

    layer: Layer
    spec: Spec | None = None
    oracle: Oracle | Layer | None = None
    strict: bool = False
    omission: Omission = field(default_factory=Omission)
    refusals: bool = False
    """Whether a stranger's layer may refuse a config: that is counted, and no error."""
    checks: tuple[str, ...] = tuple(CHECKS)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one case showed."""

    case: Case
    verdict: Verdict
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[Note, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    failure: Failure | None = None
    crash: Crash | None = None
    refused: str = ""
    turns: Mapping[str, bool] = field(default_factory=dict)
    """Attacks that are made in turn, and whether this case was the one."""


def examine(
    subject: Subject, case: Case, *, explain: bool = False, thorough: bool = False
) -> Outcome:
    """Run the checks on one case, up to the first failure.

    Parameters
    ----------
    subject : Subject
        Layer, spec, oracle.
    case : Case
        The case.
    explain : bool
        Trace a failure to its entry.
    thorough : bool
        Make every attack, whosever turn it is.
    """
    findings: list[Finding] = []
    turns: Mapping[str, bool] = {}
    try:
        trial = Trial(
            subject.layer, case, spec=subject.spec, oracle=subject.oracle, strict=subject.strict,
            explain=explain, thorough=thorough,
        )  # fmt: skip
        turns = trial.turns
        trial = _collect(trial, subject, subject.checks, findings)
        if explain and findings and isinstance(findings[-1], Failure):
            findings[-1] = repeated.failure(trial) or causes.explained(trial, findings[-1])
    except Violation as broken:
        told = Failure(check="contract", wrt=broken.wrt, message=broken.message, case=case)
        findings.append((explain and repeated.failure(trial)) or told)
    except Raised as raised:
        if subject.refusals and raised.refused and not findings:
            return Outcome(case=case, verdict=Verdict.PASS, refused=str(raised))
        crash = Crash(where=raised.where, message=str(raised), case=case, traceback=raised.trace)
        return replace(_outcome(case, findings), verdict=Verdict.ERROR, crash=crash)
    if trial.has_oracle and "oracle" not in subject.checks:
        # The check that is left out may see what these do not.
        return _outcome(case, findings, turns)
    doubts = (*_sight(subject, case, findings, explain=explain), *subject.omission.doubts())
    return _outcome(case, [*findings, *doubts], turns)


def _sight(
    subject: Subject, case: Case, findings: list[Finding], *, explain: bool
) -> Iterator[Finding]:
    """Doubt what could not be seen, unless float64 sees it: sums in float16 hide most of it.

    Half precision is always seen in float64 as well. Who hands over float32 can hand over float64.
    """
    doubts = list(power.doubts(f for f in findings if isinstance(f, Evidence)))
    half = case.dtype not in DRAWN
    if case.dtype == "float64" or not (half or (doubts and case.given is None)):
        yield from doubts
        return
    wide = replace(subject, checks=("differences", "oracle"))
    seen = examine(wide, case.in_float64(), explain=explain)
    if half and seen.failure:
        yield replace(seen.failure, message=f"in float64 at the same point {seen.failure.message}")
    elif doubts and seen.verdict is Verdict.PASS:
        yield Note(
            name="rounding",
            message=f"sums in {case.dtype} round away what float64 at the same point shows",
        )
    else:
        yield from doubts


def _collect(
    trial: Trial, subject: Subject, checks: Sequence[str], findings: list[Finding]
) -> Trial:
    """Run the checks up to the first failure; return the trial that they ended with.

    A point beyond its dtype goes on in float64, which may hold it.
    """
    for turn, name in enumerate(checks):
        found = _run(trial, subject, name)
        if _fails(found) and scale.grows(trial):
            found = _run(trial, subject, name)
        findings += found
        if _fails(found):
            return trial
        if trial.beyond and trial.case.dtype != "float64":
            wide = trial.widened(trial.point.inputs, trial.cotangent)
            wide.turns = trial.turns
            return _collect(wide, subject, ["contract", *checks[turn + 1 :]], findings)
        if trial.beyond:
            return trial
    return trial


def _run(trial: Trial, subject: Subject, name: str) -> list[Finding]:
    """Return what a check finds, up to its first failure."""
    found = list[Finding]()
    for finding in subject.omission.told(CHECKS[name](trial)):
        found.append(finding)
        if isinstance(finding, Failure):
            break
    return found


def _fails(found: Sequence[Finding]) -> bool:
    return bool(found) and isinstance(found[-1], Failure)


def _outcome(
    case: Case, findings: list[Finding], turns: Mapping[str, bool] | None = None
) -> Outcome:
    failure = next((f for f in findings if isinstance(f, Failure)), None)
    doubts = tuple(f for f in findings if isinstance(f, Doubt))
    verdict = Verdict.FAIL if failure else Verdict.INCONCLUSIVE if doubts else Verdict.PASS
    return Outcome(
        case=case,
        verdict=verdict,
        evidence=tuple(f for f in findings if isinstance(f, Evidence)),
        notes=tuple(f for f in findings if isinstance(f, Note)),
        doubts=doubts,
        failure=failure,
        turns=turns or {},
    )
