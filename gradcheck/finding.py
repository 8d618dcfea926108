"""Findings: what a check says of one case - evidence, a failure, a note, or a doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from gradcheck.bounds import Bound

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.config import Config
    from gradcheck.discrepancy import Discrepancy

COLUMNS = ("backward/differences", "backward/autograd", "differences/autograd")
"""The pairs that a report compares."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One comparison that held, with what it could have seen.

    Attributes
    ----------
    regime : str
        ``"exact"``, ``"rounding"``, ``"certified"`` or ``"oracle"``.
    column : str
        One of `COLUMNS`: which two were compared.
    wrt : str
        ``"output"`` or the name of the input whose gradient was compared.
    worst : float
        The largest absolute disagreement.
    bound : Bound
        The bound at the place of the largest disagreement relative to its bound.
    ulps : float
        That disagreement in units in the last place of the layer's dtype.
    miss : float or None
        Probability at most which a wrong gradient at this point goes unseen (exact regime).
    bar : float or None
        Error bar of the difference estimate, relative to the gradient's largest entry.
    power : float or None
        Smallest error in one entry, relative to the gradient's largest, that would have shown.
    dtype : str
        Dtype of the layer's arrays.
    """

    regime: str
    column: str
    wrt: str
    worst: float
    bound: Bound
    ulps: float = 0.0
    miss: float | None = None
    bar: float | None = None
    power: float | None = None
    dtype: str = "float64"

    @property
    def ratio(self) -> float:
        """Disagreement in units of its bound."""
        return 0.0 if self.worst == 0 else self.worst / self.bound.value if self.bound.value else 2


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A counterexample: what went wrong, where, and how to see it again.

    Attributes
    ----------
    check : str
        The check that found it: ``"contract"``, ``"differences"``, ``"oracle"``, ...
    wrt : str
        ``"output"`` or the input whose gradient is wrong.
    message : str
        What is wrong, in a sentence with the values.
    case : Case
        The case, a short literal.
    discrepancy : Discrepancy or None
        The entry and its three values, where the failure is one of values.
    reproduce : str
        The command that shows the failure again.
    cause : str or None
        What the wrong gradient looks like, where that is recognised: ``"the sign is wrong"``.
    jacobian : Discrepancy or None
        The entry of the Jacobian that is most wrong, where it was looked at whole.
    """

    check: str
    wrt: str
    message: str
    case: Case
    discrepancy: Discrepancy | None = None
    reproduce: str = ""
    cause: str | None = None
    jacobian: Discrepancy | None = None

    @property
    def config(self) -> Config:
        """The config of the failing case."""
        return self.case.config

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "check": self.check,
            "wrt": self.wrt,
            "message": self.message,
            "config": dict(self.config),
            "case": self.case.to_dict(),
            "discrepancy": self.discrepancy.to_dict() if self.discrepancy else None,
            "reproduce": self.reproduce,
            "cause": self.cause,
            "jacobian": self.jacobian.to_dict() if self.jacobian else None,
        }

    def __str__(self) -> str:
        lines = [f"{self.check}: {self.message}", f"  config: {self.config or '(none)'}"]
        if self.cause:
            lines.append(f"  cause: {self.cause}")
        if self.discrepancy:
            lines.append(f"  {self.discrepancy}")
        if self.jacobian:
            lines.append(f"  {self.jacobian}")
        if self.reproduce:
            lines.append(f"  reproduce: {self.reproduce}")
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class Crash:
    """The layer or the spec raised: which, where, and with what."""

    where: str
    message: str
    case: Case
    traceback: str = ""
    reproduce: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "where": self.where,
            "message": self.message,
            "case": self.case.to_dict(),
            "traceback": self.traceback,
            "reproduce": self.reproduce,
        }

    def __str__(self) -> str:
        lines = [f"{self.where} raised {self.message}", f"  case: {self.case.to_json()}"]
        if self.reproduce:
            lines.append(f"  reproduce: {self.reproduce}")
        lines += [f"  {line}" for line in self.traceback.splitlines()]
        return "\n".join(lines)


@dataclass(frozen=True, kw_only=True)
class Note:
    """Something worth saying that is not an error, counted over the cases.

    ``demanded`` marks what is an error for the layers that a project calls its own
    (`gradcheck gate`): aliasing, a promoted dtype, an input refused for its layout.
    """

    name: str
    message: str
    demanded: bool = False
    count: int = field(default=1, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"name": self.name, "message": self.message, "count": self.count}


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Why the evidence of a case is too weak to pass on."""

    check: str
    wrt: str
    reason: str
    count: int = field(default=1, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {"check": self.check, "wrt": self.wrt, "reason": self.reason, "count": self.count}


Finding: TypeAlias = Evidence | Failure | Note | Doubt
