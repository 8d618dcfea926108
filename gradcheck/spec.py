"""Spec: the contract of a kind of layer, apart from any layer that claims to keep it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    from hypothesis.strategies import SearchStrategy

    from gradcheck.case import Case
    from gradcheck.layer import Array, Configured


def _one(case: Case) -> int:
    return 1


def _never(case: Case) -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Multilinear:
    r"""A sum of products of inputs: :math:`y = \sum_k c_k \prod_{i \in t_k} \text{input}_i`.

    Along a line the map is a polynomial of the degree of its longest term, so central
    differences are exact for degree two or less, and on a lattice nothing rounds.

    Attributes
    ----------
    terms : tuple of tuple of str
        The kinds of product: convolution has ``(("x", "weight"), ("bias",))``.
    counts : callable
        From a case to the number of products summed in one entry of the output and of each
        gradient: ``{"output": 27, "x": 36, "weight": 128, "bias": 128}``. Bounds and lattice
        budgets come from it.
    divisor : callable
        From a case to an integer :math:`D` such that every :math:`D c_k` is an integer (the least
        common multiple of an average's divisors, the denominator of a dyadic slope): inputs and
        cotangents drawn as its multiples stay on the lattice. 1 where there is none, as for a
        slope of 0.01; then the rounding bound judges.
    coefficient : callable
        From a case to the largest :math:`|c_k|`.
    rounds : callable
        From a case to whether some :math:`D c_k` is no integer. Its values may lie on the lattice
        by chance, where few digits are left for a fraction, so equality is never demanded.
    pieces : bool
        True if the map is of this form only between kinks (ReLU, max pooling): it selects one
        product instead of summing them.
    """

    terms: tuple[tuple[str, ...], ...]
    counts: Callable[[Case], Mapping[str, int]]
    divisor: Callable[[Case], int] = _one
    coefficient: Callable[[Case], float] = _one
    rounds: Callable[[Case], bool] = _never
    pieces: bool = False

    @cached_property
    def degree(self) -> int:
        """Degree along a line that moves every input at once."""
        return max(map(len, self.terms))


@dataclass(frozen=True, kw_only=True)
class Smooth:
    """A map with no polynomial form: sigmoid, ELU, softmax.

    Attributes
    ----------
    pointwise : bool
        True if each output entry depends on the entry of ``x`` at its own place alone.
    """

    pointwise: bool = True


class Oracle(Protocol):
    """A second implementation, trusted, evaluated in float64: a layer with a known name."""

    @property
    def name(self) -> str:
        """The function that answers, such as ``"torch.nn.functional.conv2d"``."""
        ...

    def missing(self) -> str | None:
        """Return why the oracle cannot be asked here (torch is not installed), or None."""
        ...

    def __call__(self, config: Mapping[str, Any], /) -> Configured:
        """Settle the config."""
        ...


class Kinks(Protocol):
    """Where a kind of layer is not differentiable, and what is right there."""

    def place(
        self, case: Case, name: str, span: int, rng: np.random.Generator
    ) -> tuple[Array, int]:
        """Draw integers for one input, off every kink.

        Parameters
        ----------
        case : Case
            Shapes, config and kind of data.
        name : str
            The input to draw.
        span : int
            Budget: entry plus twice the reach must not exceed it in magnitude.
        rng : numpy.random.Generator
            Source of the draw.

        Returns
        -------
        integers : Array
            int64 array of the input's shape.
        reach : int
            Moving every entry of every input by up to twice the reach crosses no kink
            (0 where the span is too small for that).
        """
        ...

    def check(self, trial: Any) -> Any:
        """Yield the findings of the property that goes onto the kinks."""
        ...


@runtime_checkable
class Bent(Protocol):
    """Kinks at places on the axis that stay where they are, whatever the scale of the data."""

    def clear(self, case: Case, x: Array) -> tuple[Array, Array]:
        """Move entries off the kinks.

        Parameters
        ----------
        case : Case
            Shapes, config and kind of data.
        x : Array
            Drawn entries.

        Returns
        -------
        x : Array
            The same dtype and shape; no entry lies on a kink or right beside one.
        room : Array
            How far each entry may move, either way, before it meets a kink.
        """
        ...


@dataclass(frozen=True)
class ConfigClass:
    """One class of configurations that a run must reach, such as ``"stride > kernel"``."""

    name: str
    holds: Callable[[Case], bool]


@dataclass(frozen=True, kw_only=True)
class Spec:
    """The contract that any implementation of a kind of layer is held against.

    Attributes
    ----------
    name : str
        Name of the kind, as in ``torch.nn.functional``.
    inputs : tuple of str
        Names of the inputs, in order.
    form : Multilinear or Smooth
        What is known of the map's form: it decides between the exact and certified regime.
    cases : callable
        ``cases(target, fixed)`` gives a Hypothesis strategy of cases of the class named
        ``target`` with the config keys or facts in ``fixed`` pinned. Geometry is built backwards
        from the output, never filtered. Raises `Contradiction` where no such case exists.
    classes : tuple of ConfigClass
        The classes to be covered.
    oracle : Oracle or None
        Trusted second implementation.
    no_oracle_because : str
        The written reason where there is none.
    kinks : Kinks or None
        Where the map is not differentiable.
    optional : tuple of str
        Inputs that may be absent.
    batched : tuple of str
        Inputs whose first axis is the batch; samples of a batch must not talk to each other.
        Empty where samples may (batch normalisation in training).
    summary : str
        One line for `gradcheck list`.
    pattern : callable or None
        From a case to the entries of each input's Jacobian that may differ from zero, as flat
        rows and columns: ``{"x": (rows, columns)}``. Without it the forward is probed.
    facts : callable or None
        From a case to what is worth knowing of its config, for `gradcheck explain`: pairs such
        as ``("parameters", "4 * 3 * 3 * 3 + 4 = 112")``.
    """

    name: str
    inputs: tuple[str, ...]
    form: Multilinear | Smooth
    cases: Callable[[str, Mapping[str, Any]], SearchStrategy[Case]]
    classes: tuple[ConfigClass, ...]
    oracle: Oracle | None
    no_oracle_because: str = ""
    kinks: Kinks | None = None
    optional: tuple[str, ...] = ()
    batched: tuple[str, ...] = ("x",)
    summary: str = ""
    pattern: Callable[[Case], Mapping[str, tuple[Array, Array]]] | None = None
    facts: Callable[[Case], Iterable[tuple[str, str]]] | None = None


class Contradiction(ValueError):  # noqa: N818 - names what it is, as StopIteration does
    """A class of configurations that the pinned facts leave no case of."""
