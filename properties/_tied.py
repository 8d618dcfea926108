"""Window: one window with its maxima, and what a backward may do at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.bounds import reduction

if TYPE_CHECKING:
    from gradcheck.layer import Array


@dataclass(frozen=True)
class Window:
    """One window of a plane, pulled back by itself.

    Attributes
    ----------
    plane : Array
        The plane's entries.
    entries : Array
        Flat indices of the window's, -1 off the image.
    cotangent : float
        The window's cotangent, above 0; all others are 0.
    dtype : str
        In which the layer computes.
    """

    plane: Array
    entries: Array
    cotangent: float
    dtype: str

    @property
    def maxima(self) -> Array:
        """Flat indices of the tied maxima, in row-major order."""
        inside = np.sort(self.entries[self.entries >= 0])
        top: Array = inside[self.plane[inside] == self.plane[inside].max()]
        return top

    @property
    def rounding(self) -> float:
        """What shares of the cotangent and their sum may have rounded."""
        return reduction(len(self.maxima), 1, self.dtype) * self.cotangent

    def wrong(self, gradients: Array, plane: int) -> str | None:
        """Return what is wrong with the gradient of all planes, or None.

        It must be non-negative, lie on the maxima, and sum to the cotangent.
        """
        shares = gradients[plane, self.maxima]
        elsewhere = gradients.copy()
        elsewhere[plane, self.maxima] = 0
        if not np.all(elsewhere == 0):
            return self._astray(elsewhere, plane)
        if not np.all(shares >= 0):
            return (
                f"a maximum received {shares[~(shares >= 0)][0]:g} of the gradient "
                f"{self.cotangent:g}; a share is never negative"
            )
        if not abs(shares.sum() - self.cotangent) <= self.rounding:
            return self._off(shares)
        return None

    def convention(self, gradient: Array) -> str:
        """Return how a right gradient was shared out among tied maxima."""
        shares = gradient[self.maxima]
        for name, taker in (("first", 0), ("last", -1)):
            if abs(shares[taker] - self.cotangent) <= self.rounding:
                return name
        equal = np.abs(shares - self.cotangent / len(shares)) <= self.rounding
        return "split" if np.all(equal) else "other"

    def _off(self, shares: Array) -> str:
        """Say how the shares miss the cotangent."""
        tied, whole = len(shares), f"{self.cotangent:g}"
        if tied > 1 and np.all(shares == self.cotangent):
            return (
                f"each of the {tied} tied maxima received the full gradient {whole}; "
                f"together they may receive {whole}"
            )
        some = "the maximum" if tied == 1 else f"the {tied} tied maxima together"
        return f"{some} received {shares.sum():g}, and the cotangent is {whole}"

    def _astray(self, elsewhere: Array, plane: int) -> str:
        """Say where a gradient went that is no maximum of the window."""
        at, index = (int(i) for i in np.argwhere(elsewhere != 0)[0])
        where = "another sample or channel" if at != plane else f"entry {index} of its plane"
        kind = "which is no maximum of the window" if at == plane else "where the window is not"
        return f"a gradient of {elsewhere[at, index]:g} went to {where}, {kind}"
