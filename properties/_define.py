"""Define: the spec of a kind of layer, from a name and a strategy of its cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gradcheck.case import DRAWN, DTYPES, Case
from gradcheck.config import Config
from gradcheck.spec import ConfigClass, Contradiction, Kinks, Multilinear, Oracle, Smooth, Spec

from ._class import everything
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.layer import Configured, Layer


def define(
    name: str,
    strategy: SearchStrategy[Case],
    *,
    inputs: tuple[str, ...] = ("x",),
    oracle: str | Callable[..., Any] | Oracle | Layer | None = None,
    kinks: Kinks | None = None,
    form: Multilinear | Smooth | None = None,
    classes: Mapping[str, Callable[[Case], bool]] | None = None,
    optional: tuple[str, ...] = (),
    batched: tuple[str, ...] = (),
    summary: str = "",
    no_oracle_because: str = "none was named",
) -> Spec:
    """Return the spec of a kind of layer of one's own.

    Parameters
    ----------
    name : str
        What the kind is called.
    strategy : SearchStrategy
        Draws ``Case(config=..., shapes=...)``, with a shape for each input, None for an absent
        one. Seed and dtype are drawn beside it.
    inputs : tuple of str
        Names of the inputs, in the order in which layers and oracle take them.
    oracle : str, callable, Oracle or Layer, optional
        A torch function, itself or its dotted name, which takes the inputs by position and the
        config by keyword; or a second implementation from an adapter.
    kinks : Kinks, optional
        Where the map is not differentiable: ``Pointwise(lambda config, inputs: (0, 1))``.
    form : Multilinear or Smooth, optional
        What is known of the map; by default nothing but that it is smooth off its kinks.
    classes : Mapping, optional
        Classes of configurations that a run must reach, from a name to a predicate on cases.
    optional : tuple of str
        Inputs that may be absent.
    batched : tuple of str
        Inputs whose first axis is a batch, of which samples do not talk to each other.
    summary : str
        One line for `gradcheck list`.
    no_oracle_because : str
        The reason, where there is no oracle.

    Returns
    -------
    Spec
        For `gradcheck.check_layer`, or for an entry point of the group ``gradcheck.specs``.

    Examples
    --------
    >>> from hypothesis import strategies as st
    >>> SQUARE = define("square", st.integers(1, 4).map(lambda n: Case(shapes={"x": (n,)})))
    >>> import gradcheck
    >>> square = gradcheck.adapt.functional(lambda x: (x * x, x), lambda dy, x: 2 * x * dy)
    >>> gradcheck.check_layer(SQUARE, square, examples=10).verdict
    <Verdict.PASS: 'PASS'>
    """
    drawn = _Drawn(name, strategy, dict(classes or {}))
    return Spec(
        name=name, inputs=inputs, form=form or Smooth(pointwise=False), cases=drawn.cases,
        classes=drawn.classes(), oracle=_as_oracle(oracle, inputs), kinks=kinks,
        no_oracle_because="" if oracle else no_oracle_because, optional=optional,
        batched=batched, summary=summary,
    )  # fmt: skip


@dataclass(frozen=True)
class _Drawn:
    """Cases of a caller's strategy, with seeds and dtypes of ours."""

    name: str
    strategy: SearchStrategy[Case]
    wanted: Mapping[str, Callable[[Case], bool]] = field(default_factory=dict)

    def classes(self) -> tuple[ConfigClass, ...]:
        known = {**self.wanted, **{dtype: _of(dtype) for dtype in DRAWN}}
        return tuple(ConfigClass(name, holds) for name, holds in known.items())

    def cases(self, target: str, fixed: Mapping[str, Any]) -> SearchStrategy[Case]:
        """Draw, then leave out what is not of the class or not as it is pinned."""
        from hypothesis import strategies as st

        pins = dict(Config(fixed))
        if target in DRAWN and pins.setdefault("dtype", target) != target:
            raise Contradiction(f"{self.name}: dtype={pins['dtype']!r} is fixed, not {target!r}")
        dtypes = [pins.pop("dtype")] if "dtype" in pins else list(DRAWN)
        if unknown := [dtype for dtype in dtypes if dtype not in DTYPES]:
            raise ValueError(f"{self.name}: dtype={unknown[0]!r}; it is one of {DTYPES}")
        holds = {"any": everything, **dict.fromkeys(DRAWN, everything), **self.wanted}
        if target not in holds:
            raise ValueError(f"{self.name} has no class {target!r}; its classes are {[*holds]}")
        drawn = st.builds(
            _seeded, self.strategy, st.sampled_from(dtypes), st.integers(0, 2**32 - 1)
        )
        pinned = drawn.filter(lambda case: self._pinned(case, pins)) if pins else drawn
        return pinned if holds[target] is everything else pinned.filter(holds[target])

    def _pinned(self, case: Case, pins: Mapping[str, Any]) -> bool:
        facts = case.facts
        if unknown := sorted(set(pins) - set(facts)):
            known = sorted(facts)
            raise ValueError(
                f"{self.name}: cannot fix {unknown[0]!r}; what can be fixed is {known}"
            )
        return all(facts[key] == value for key, value in pins.items())


def _seeded(case: Case, dtype: str, seed: int) -> Case:
    return replace(case, dtype=dtype, seed=seed)


def _of(dtype: str) -> Callable[[Case], bool]:
    return lambda case: case.dtype == dtype


def _as_oracle(given: Any, inputs: tuple[str, ...]) -> Oracle | None:
    if given is None or hasattr(given, "missing"):
        oracle: Oracle | None = given
        return oracle
    if isinstance(given, str):
        return TorchFunction(name=given, inputs=inputs)
    if isinstance(getattr(given, "inputs", None), tuple):
        return Second(given)
    named = f"{given.__module__}.{given.__qualname__}"
    return TorchFunction(name=named, inputs=inputs, function=given)


@dataclass(frozen=True)
class Second:
    """A second implementation as an oracle, which is never missing."""

    layer: Layer

    @property
    def name(self) -> str:
        """What reports call it."""
        return self.layer.name

    def missing(self) -> str | None:
        """Return None."""
        return None

    def __call__(self, config: Mapping[str, Any], /) -> Configured:
        """Settle the config."""
        return self.layer(config)
