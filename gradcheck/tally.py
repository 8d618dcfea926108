"""Tally: add outcomes up to the facts of a layer's report."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gradcheck.case import DTYPES
from gradcheck.finding import COLUMNS, Crash, Doubt, Evidence, Failure, Note
from gradcheck.power import best_sight
from gradcheck.report import Certificate, Comparison, Coverage, Power
from gradcheck.verdict import Verdict

if TYPE_CHECKING:
    from gradcheck.engine import Outcome
    from gradcheck.spec import Spec

REGIMES = ("certified", "rounding", "exact", "oracle")
"""Regimes of evidence; a case belongs to the first of them that it has evidence of."""


REFUSALS = 5
"""Messages of refusals that a report holds; they name shapes, and there may be many."""


@dataclass
class Column:
    """What is known of one pair of columns in one array: its evidence nearest to its bound."""

    worst: Evidence
    ratio: float = -1.0
    power: float | None = None
    regimes: set[str] = field(default_factory=set)
    cases: int = 0

    def add(self, evidence: Evidence) -> None:
        """Count one piece of evidence in."""
        if (ratio := evidence.ratio) > self.ratio:
            self.worst, self.ratio = evidence, ratio
        self.power = _largest(self.power, evidence.power)
        self.regimes.add(evidence.regime)
        self.cases += 1

    def comparison(self) -> Comparison:
        """Return it as a report states it."""
        worst = self.worst
        return Comparison(
            wrt=worst.wrt, column=worst.column, dtype=worst.dtype, worst=worst.worst,
            ulps=worst.ulps, bound=worst.bound, power=self.power,
            regimes=tuple(sorted(self.regimes)), cases=self.cases,
        )  # fmt: skip


@dataclass
class Tally:
    """Running totals over the cases of one layer."""

    cases: int = 0
    regimes: Counter[str] = field(default_factory=Counter)
    classes: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str, str], Column] = field(default_factory=dict)
    notes: Counter[Note] = field(default_factory=Counter)
    doubts: Counter[Doubt] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    crashes: list[Crash] = field(default_factory=list)
    power: dict[tuple[str, str], float] = field(default_factory=dict)
    turns: Counter[str] = field(default_factory=Counter)
    miss: float | None = None
    bar: float | None = None
    refused: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome, spec: Spec | None) -> None:
        """Count one outcome in; a case that the layer refuses is none that was checked."""
        if outcome.refused:
            self.refused.update([outcome.refused])
            for c in spec.classes if spec else ():
                if c.holds(outcome.case):
                    self.left_out.setdefault(c.name, f"the layer refuses: {outcome.refused}")
            return
        self.cases += 1
        seen = {evidence.regime for evidence in outcome.evidence}
        self.regimes.update([next((r for r in REGIMES if r in seen), "contract only")])
        if spec is not None:
            for c in spec.classes:
                self.classes[c.name] += c.holds(outcome.case)
        for evidence in outcome.evidence:
            self._compare(evidence)
        self._certify(outcome.evidence)
        for key, sight in best_sight(outcome.evidence).items():
            self.power[key] = max(sight, self.power.get(key, 0.0))
        self.turns.update(outcome.turns)
        self.notes.update(set(outcome.notes))
        self.doubts.update(set(outcome.doubts))

    def _compare(self, evidence: Evidence) -> None:
        key = (evidence.wrt, evidence.column, evidence.dtype)
        if key not in self.columns:
            self.columns[key] = Column(evidence)
        self.columns[key].add(evidence)

    def _certify(self, evidence: tuple[Evidence, ...]) -> None:
        """State the worst case: the largest of what the best point of each case may miss."""
        misses = [e.miss for e in evidence if e.miss is not None]
        self.miss = _largest(self.miss, min(misses, default=None))
        for e in evidence:
            self.bar = _largest(self.bar, e.bar)

    def comparisons(self) -> tuple[Comparison, ...]:
        """Return the error table: output first, then the gradients."""
        keys = sorted(
            self.columns, key=lambda k: (_place(k[0]), k[0], k[2] != "float64", COLUMNS.index(k[1]))
        )
        return tuple(self.columns[key].comparison() for key in keys)

    def powers(self) -> tuple[Power, ...]:
        """Return what would have been seen, widest dtype first."""
        keys = sorted(self.power, key=lambda k: (DTYPES.index(k[1]), _place(k[0]), k[0]))
        return tuple(Power(wrt=w, dtype=d, value=self.power[w, d]) for w, d in keys)

    def coverage(self, spec: Spec | None) -> tuple[Coverage, ...]:
        """Return the classes of the spec with the cases that fell into each."""
        classes = spec.classes if spec else ()
        return tuple(
            Coverage(
                name=c.name,
                cases=self.classes[c.name],
                left_out=None if self.classes[c.name] else self.left_out.get(c.name),
            )
            for c in classes
        )

    @property
    def untried(self) -> list[str]:
        """The attacks whose turn has not come."""
        return [attack for attack, made in self.turns.items() if not made]

    @property
    def certificate(self) -> Certificate:
        """What the evidence is worth."""
        return Certificate(miss=self.miss, bar=self.bar)

    def counted_notes(self) -> tuple[Note, ...]:
        """Return the notes with their counts, most frequent first."""
        refused = [
            Note(name="refused", message=f"a configuration is refused: {why}", count=n)
            for why, n in self.refused.most_common(REFUSALS)
        ]
        return (*refused, *(replace(note, count=n) for note, n in self.notes.most_common()))

    def counted_doubts(self) -> tuple[Doubt, ...]:
        """Return the doubts with their counts, most frequent first."""
        return tuple(replace(doubt, count=n) for doubt, n in self.doubts.most_common())

    def verdict(
        self, coverage: tuple[Coverage, ...], *, values: bool = True
    ) -> tuple[Verdict, str]:
        """Return the verdict with its reason in a sentence.

        ``values`` says whether values were to be compared: contract alone compares none.
        """
        if self.failures:
            return Verdict.FAIL, self.failures[0].message
        if self.crashes:
            crash = self.crashes[0]
            return Verdict.ERROR, f"{crash.where} raised {crash.message}"
        if not self.cases and not self.refused:
            why = next(iter(self.left_out.values()), "")
            return Verdict.INCONCLUSIVE, f"nothing was checked{why and f': {why}'}"
        if self._refuses_most(coverage):
            why, _ = self.refused.most_common(1)[0]
            refused = self.refused.total()
            return (
                Verdict.INCONCLUSIVE,
                f"the layer refuses {refused} of {refused + self.cases} cases: {why}",
            )
        missed = [c.name for c in coverage if not c.covered and c.left_out is None]
        if missed:
            return Verdict.INCONCLUSIVE, f"configurations not covered: {', '.join(missed)}"
        if self.doubts:
            doubt, count = self.doubts.most_common(1)[0]
            return Verdict.INCONCLUSIVE, f"{count} of {self.cases} cases: {doubt.reason}"
        if values and not self.columns:
            return Verdict.INCONCLUSIVE, "no gradient was compared with anything"
        return Verdict.PASS, f"no disagreement in {self.cases} cases"

    def _refuses_most(self, coverage: tuple[Coverage, ...]) -> bool:
        """Tell whether refusals left little to check: more classes without a case than with one."""
        without = sum("refuses" in (c.left_out or "") for c in coverage)
        covered = sum(c.covered for c in coverage)
        return without > covered or (self.refused.total() > 0 and not self.cases)


def _place(wrt: str) -> int:
    """Order arrays as people name them, any others after."""
    known = ("output", "x", "weight", "bias")
    return known.index(wrt) if wrt in known else len(known)


def _largest(a: float | None, b: float | None) -> float | None:
    return b if a is None else a if b is None else max(a, b)
