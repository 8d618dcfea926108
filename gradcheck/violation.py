"""Violation: a layer broke the contract, or raised, when it was called."""

from __future__ import annotations

import traceback


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
    def trace(self) -> str:
        """The traceback as text."""
        return "".join(traceback.format_exception(self.error))
