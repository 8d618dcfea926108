"""Violation: a layer broke the contract, or raised, when it was called."""

from __future__ import annotations

import dis
import traceback
from collections.abc import Iterator
from types import TracebackType

REFUSALS = (ValueError, TypeError, AssertionError, NotImplementedError, Exception)
"""What a layer raises that will not have a config, and `gradcheck.adapt` itself as Refusal."""

LIBRARIES = ("numpy", "scipy", "torch", "jax", "autograd", "numba")
"""What raises in these was handed something that it cannot work with."""


class Violation(Exception):  # noqa: N818 - names what it is
    """A broken contract: a wrong number of gradients, a shape, a dtype, None, NaN.

    Parameters
    ----------
    wrt : str
        ``"output"``, the input whose gradient breaks it, or ``""``.
    message : str
        What was got, what was expected.
    """

    def __init__(self, wrt: str, message: str) -> None:
        super().__init__(message)
        self.wrt = wrt
        self.message = message


class Raised(Exception):  # noqa: N818 - names what it is
    """The layer (or its oracle) raised: where, with the exception as its cause."""

    def __init__(self, where: str, error: Exception) -> None:
        super().__init__(f"{type(error).__name__}: {error}")
        self.where = where
        self.error = error

    @property
    def refused(self) -> bool:
        """True if the forward raised on purpose: a refusal, not a crash deep inside.

        The last instruction of the innermost frame is a ``raise`` or ``assert`` of the layer's own
        code; a library that objects to what it was handed is a crash.
        """
        if self.where != "forward" or not _refusal(self.error):
            return False
        *_, last = _tracebacks(self.error)
        module = str(last.tb_frame.f_globals.get("__name__", "")).partition(".")[0]
        return (
            dis.opname[last.tb_frame.f_code.co_code[last.tb_lasti]] == "RAISE_VARARGS"
            and module not in LIBRARIES
        )

    @property
    def trace(self) -> str:
        """The traceback as text."""
        return "".join(traceback.format_exception(self.error))


def _refusal(error: Exception) -> bool:
    return type(error) in REFUSALS or type(error).__name__ == "Refusal"


def _tracebacks(error: BaseException) -> Iterator[TracebackType]:
    here = error.__traceback__
    while here is not None:
        yield here
        here = here.tb_next
