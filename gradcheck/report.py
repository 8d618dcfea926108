"""Reports: what a run found, for one layer and for all; values, rendered elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gradcheck.bounds import Bound
from gradcheck.finding import Crash, Doubt, Failure, Note
from gradcheck.verdict import EXIT_CODES as _EXIT_CODES
from gradcheck.verdict import INTERRUPTED, NOTHING_CHECKED, Verdict, worst


class VerdictError(AssertionError):
    """Raised by `LayerReport.raise_for_verdict` when the verdict is not PASS."""

    def __init__(self, report: LayerReport) -> None:
        super().__init__(str(report))
        self.report = report


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The worst disagreement of one pair of columns in one array, over all cases.

    ``worst`` (absolute) and ``ulps`` (in the layer's dtype) belong to the case that came nearest
    to its bound; ``bound`` is that bound; ``regimes`` says by what means they were compared.
    """

    wrt: str
    column: str
    dtype: str
    worst: float
    ulps: float
    bound: Bound
    power: float | None
    regimes: tuple[str, ...]
    cases: int

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "wrt": self.wrt,
            "column": self.column,
            "dtype": self.dtype,
            "worst": self.worst,
            "ulps": self.ulps,
            "bound": self.bound.to_dict(),
            "power": self.power,
            "regimes": list(self.regimes),
            "cases": self.cases,
        }


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What the evidence is worth: a miss probability, an error bar, or both.

    Attributes
    ----------
    miss : float or None
        Exact regime: a wrong gradient at any one checked point goes unseen with at most this
        probability (the largest over the cases).
    bar : float or None
        Certified regime: the widest error bar, relative to the largest entry of its gradient.
    """

    miss: float | None = None
    bar: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"miss": self.miss, "bar": self.bar}


@dataclass(frozen=True, kw_only=True)
class Power:
    """The smallest error in one entry of a gradient that every case would have shown.

    ``value`` is relative to the gradient's largest entry: each case counts with the evidence that
    sees best, and the report with the case that sees worst.
    """

    wrt: str
    dtype: str
    value: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"wrt": self.wrt, "dtype": self.dtype, "value": self.value}


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How many cases fell into one class of configurations.

    ``left_out`` gives the reason where ``fixed`` or ``where`` excludes the class.
    """

    name: str
    cases: int
    left_out: str | None = None

    @property
    def covered(self) -> bool:
        """True if at least one case was checked."""
        return self.cases > 0

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"class": self.name, "cases": self.cases, "left_out": self.left_out}


@dataclass(frozen=True, kw_only=True)
class LayerReport:
    """Everything a run says of one layer.

    Attributes
    ----------
    layer, spec, origin : str
        The layer's name, the spec it was held against (``""`` without one), the distribution
        that ships it.
    verdict : Verdict
        The answer.
    reason : str
        The answer's reason in one sentence.
    regimes : Mapping[str, int]
        Cases checked in each regime (``"exact"``, ``"rounding"``, ``"certified"``).
    comparisons : tuple of Comparison
        The error table.
    certificate : Certificate
        What the evidence is worth.
    power : tuple of Power
        What the evidence would have shown, for each gradient and dtype.
    coverage : tuple of Coverage
        Configuration classes, covered or not.
    failures : tuple of Failure
        Counterexamples, smallest first.
    crashes : tuple of Crash
        Where the layer or the spec raised.
    doubts, notes : tuple
        Why evidence was too weak; what is worth saying.
    not_checked : tuple of str
        What this report does not vouch for, a sentence each; never empty.
    examples, seed, profile, dtypes, fixed, where
        How the run was made.
    reproduce : str
        The command or call that makes the same report.
    seconds : float
        Wall time.
    """

    layer: str
    spec: str
    origin: str = ""
    verdict: Verdict
    reason: str = ""
    cases: int = 0
    regimes: Mapping[str, int] = field(default_factory=dict)
    comparisons: tuple[Comparison, ...] = ()
    certificate: Certificate = Certificate()
    power: tuple[Power, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    failures: tuple[Failure, ...] = ()
    crashes: tuple[Crash, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[Note, ...] = ()
    not_checked: tuple[str, ...] = ()
    examples: int = 0
    seed: int = 0
    profile: str = "default"
    dtypes: tuple[str, ...] = ()
    fixed: Mapping[str, Any] = field(default_factory=dict)
    where: str = ""
    reproduce: str = ""
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """True if the verdict is PASS."""
        return self.verdict is Verdict.PASS

    def raise_for_verdict(self) -> None:
        """Raise `VerdictError`, an AssertionError that explains itself, unless PASS."""
        if not self.passed:
            raise VerdictError(self)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, as NDJSON writes it."""
        return {
            "layer": self.layer,
            "spec": self.spec,
            "origin": self.origin,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "cases": self.cases,
            "regimes": dict(self.regimes),
            "comparisons": [c.to_dict() for c in self.comparisons],
            "certificate": self.certificate.to_dict(),
            "power": [p.to_dict() for p in self.power],
            "coverage": [c.to_dict() for c in self.coverage],
            "failures": [f.to_dict() for f in self.failures],
            "crashes": [c.to_dict() for c in self.crashes],
            "doubts": [d.to_dict() for d in self.doubts],
            "notes": [n.to_dict() for n in self.notes],
            "not_checked": list(self.not_checked),
            "examples": self.examples,
            "seed": self.seed,
            "profile": self.profile,
            "dtypes": list(self.dtypes),
            "fixed": dict(self.fixed),
            "where": self.where,
            "reproduce": self.reproduce,
            "seconds": self.seconds,
        }

    def __str__(self) -> str:
        lines = [f"{self.layer}: {self.verdict} - {self.reason}"]
        lines += [str(failure) for failure in self.failures]
        lines += [str(crash) for crash in self.crashes]
        lines += [f"inconclusive ({d.count}x): {d.check} {d.wrt}: {d.reason}" for d in self.doubts]
        lines += [f"note ({n.count}x): {n.name}: {n.message}" for n in self.notes]
        lines += [f"not checked: {line}" for line in self.not_checked]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class RunReport:
    """Everything a run says.

    Attributes
    ----------
    layers : tuple of LayerReport
        One report a layer, in the order asked for.
    versions : Mapping[str, str]
        Versions of gradcheck, python, numpy, torch, hypothesis and the BLAS.
    complaints : tuple of str
        What the gate misses beyond the layers: a file without a spec, a spec without an oracle.
    interrupted : bool
        True after Ctrl-C; the reports are those of the layers that were finished.
    seconds : float
        Wall time.
    """

    layers: tuple[LayerReport, ...]
    versions: Mapping[str, str] = field(default_factory=dict)
    complaints: tuple[str, ...] = ()
    interrupted: bool = False
    seconds: float = 0.0

    @property
    def verdict(self) -> Verdict:
        """The verdict that decides."""
        found = [report.verdict for report in self.layers]
        return worst([*found, *([Verdict.INCONCLUSIVE] if self.complaints else [])])

    @property
    def exit_code(self) -> int:
        """Exit code: see DESIGN's precedence; interruption stands above all verdicts."""
        if self.interrupted:
            return INTERRUPTED
        checked = sum(report.cases for report in self.layers)
        decided = self.complaints or self.verdict in (Verdict.ERROR, Verdict.FAIL)
        if not checked and not decided:
            return NOTHING_CHECKED
        return _EXIT_CODES[self.verdict]

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "verdict": str(self.verdict),
            "exit_code": self.exit_code,
            "layers": len(self.layers),
            "complaints": list(self.complaints),
            "interrupted": self.interrupted,
            "seconds": self.seconds,
        }
