r"""Arrays from a seed, and Hypothesis strategies of them.

A strategy that draws an array entry by entry is slow and mostly zeros, and what it prints loses
digits. Here Hypothesis draws the seed alone, NumPy draws the entries from it, and a failing test
prints the call, ``array((2, 3), 7)``, which gives the same bits again; or the array, where that is
shorter and shows every digit.

Examples
--------
>>> from hypothesis import given
>>> @given(arrays((2, 3), kind="lattice"))
... def test_doubling(x):
...     assert (x + x == 2 * x).all()
>>> test_doubling()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

    from gradcheck.layer import Array

Shape = tuple[int, ...]

KINDS = ("real", "lattice", "distinct", "wide")
DEFAULTS = {"dtype": "float64", "kind": "real"}
OCTAVES = 24
"""Wide data spreads over so many powers of two, half of them below 1."""


def array(shape: Shape, seed: int = 0, *, dtype: str = "float64", kind: str = "real") -> Array:
    r"""Return an array of that shape, a function of its arguments alone.

    Parameters
    ----------
    shape : tuple of int
        Any shape.
    seed : int
        Not negative.
    dtype : str
        A dtype of floats.
    kind : str
        ``"real"``: standard normal, every bit of the mantissa used. ``"lattice"``: multiples of
        1/16 from -8 to 8, on which sums of a few products are exact. ``"distinct"``: any two
        entries lie 1/2 or more apart, and none nearer to 0 than 1/4: no ties, no kink at 0.
        ``"wide"``: :math:`\pm 2^e` times a number in [1, 2), with e from -12 to 11.

    Returns
    -------
    ndarray
        Of the shape and dtype asked for.

    Examples
    --------
    >>> array((3,), 5, kind="distinct")
    array([ 0.25,  0.75, -0.25])
    """
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}; it is one of {', '.join(KINDS)}")
    rng = np.random.default_rng(seed)
    return np.asarray(_DRAWN[kind](rng, shape)).astype(dtype)


def cotangent(shape: Shape, seed: int = 0, *, dtype: str = "float64") -> Array:
    """Return an upstream gradient of that shape: both signs, no entry 0, none like another.

    Magnitudes lie between 1/2 and 2. A backward that ignores its cotangent, or takes ones for it,
    cannot be right before this one.

    Examples
    --------
    >>> cotangent((2,), 1).round(3)
    array([0.716, 1.923])
    """
    rng = np.random.default_rng(seed)
    return np.asarray(_signs(rng, shape) * rng.uniform(0.5, 2, shape)).astype(dtype)


def arrays(
    shape: Shape | SearchStrategy[Shape],
    *,
    dtype: str | SearchStrategy[str] = "float64",
    kind: str | SearchStrategy[str] = "real",
) -> SearchStrategy[Array]:
    """Return a strategy of `array`; each argument is a value or a strategy of them."""
    return _from_seeds(array, shape, dtype=dtype, kind=kind)


def cotangents(
    shape: Shape | SearchStrategy[Shape], *, dtype: str | SearchStrategy[str] = "float64"
) -> SearchStrategy[Array]:
    """Return a strategy of `cotangent`; each argument is a value or a strategy of them."""
    return _from_seeds(cotangent, shape, dtype=dtype)


def _from_seeds(function: Any, shape: Any, **options: Any) -> SearchStrategy[Array]:
    """Return a strategy of the function's arrays, which print as the call that makes them.

    Hypothesis prints the call or the array, whichever is shorter, and an array has eight digits:
    where they are not all, the call is noted beside it.
    """
    from hypothesis import note
    from hypothesis import strategies as st

    def settled(draw: DrawFn, value: Any) -> Any:
        return draw(value) if isinstance(value, st.SearchStrategy) else value

    @st.composite
    def drawn(draw: DrawFn) -> Array:
        given = {name: settled(draw, value) for name, value in options.items()}
        said = {name: value for name, value in given.items() if value != DEFAULTS[name]}
        places = settled(draw, shape), draw(st.integers(0, 2**32 - 1))
        keywords = {name: st.just(value) for name, value in said.items()}
        made: Array = draw(st.builds(function, *map(st.just, places), **keywords))
        call = ", ".join([*map(repr, places), *(f"{name}={v!r}" for name, v in said.items())])
        if len(repr(made)) < len(f"{function.__name__}({call})") and np.any(made != made.round(8)):
            note(f"drawn by {function.__name__}({call})")
        return made

    return drawn()


def _lattice(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.integers(-128, 128, shape, endpoint=True) / 16


def _distinct(rng: np.random.Generator, shape: Shape) -> Array:
    entries = int(np.prod(shape))
    return (rng.permutation(entries).reshape(shape) - entries // 2 + 0.5) / 2


def _wide(rng: np.random.Generator, shape: Shape) -> Array:
    exponent = rng.integers(0, OCTAVES, shape) - OCTAVES // 2
    return _signs(rng, shape) * np.ldexp(rng.uniform(1, 2, shape), exponent)


def _signs(rng: np.random.Generator, shape: Shape) -> Array:
    return np.where(rng.random(shape) < 0.5, -1.0, 1.0)


_DRAWN: dict[str, Any] = {
    "real": lambda rng, shape: rng.standard_normal(shape),
    "lattice": _lattice,
    "distinct": _distinct,
    "wide": _wide,
}
