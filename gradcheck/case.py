"""Case: one config with the facts that make its inputs, small enough to write as a literal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from typing import TYPE_CHECKING, Any

from gradcheck.config import Config
from gradcheck.floats import is_float, provide

if TYPE_CHECKING:
    import numpy as np

    from gradcheck.layer import Array

Shape = tuple[int, ...]

DRAWN = ("float64", "float32")
"""Dtypes that a run draws of itself."""

DTYPES = (*DRAWN, "float16", "bfloat16")
"""Dtypes that it can be asked for."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One config, the shapes of its inputs and output, a dtype, a kind of data and a seed.

    The inputs are a function of the case: every array is drawn from ``seed``, so a case replays
    from its literal alone. Inputs that somebody handed over stand in ``given``.

    Attributes
    ----------
    config : Config
        Settings of the layer.
    shapes : Mapping[str, tuple of int or None]
        Shape of each input by name (``None`` for an absent one) and of ``"output"``
        where the spec knows it.
    dtype : str
        One of `DTYPES`.
    data : str
        Kind of data: ``"plain"``, or a name that the spec draws on purpose
        (``"negative"``, ``"wide"``).
    seed : int
        Seed of everything drawn for this case.
    given : Mapping[str, Array or None], optional
        Inputs handed over by the caller instead of drawn.
    """

    config: Config = field(default_factory=Config)
    shapes: Mapping[str, Shape | None] = field(default_factory=dict)
    dtype: str = "float64"
    data: str = "plain"
    seed: int = 0
    given: Mapping[str, Array | None] | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Settle the config, so that what a report prints of a case makes the same case."""
        provide(self.dtype)
        if not isinstance(self.config, Config):
            object.__setattr__(self, "config", Config(self.config))

    def __hash__(self) -> int:
        """Agree where cases are equal; shapes stand in a dictionary, which has no hash."""
        return hash((self.seed, self.dtype, self.data, self.config))

    def rng(self, label: str) -> np.random.Generator:
        """Return a generator of the seed and a label: checks do not disturb one another."""
        from gradcheck.stream import stream

        return stream(self.seed, label)

    @property
    def facts(self) -> dict[str, Any]:
        """Config keys and facts of the case in one mapping, as ``fixed`` and ``where`` see them.

        Beside the config: ``dtype``, ``data``, ``bias`` (whether there is one) and the shape of
        each input as ``x_shape``, ``weight_shape``, ...
        """
        facts: dict[str, Any] = {**self.config, "dtype": self.dtype, "data": self.data}
        facts.update({f"{name}_shape": shape for name, shape in self.shapes.items()})
        if "bias" in self.shapes:
            facts["bias"] = self.shapes["bias"] is not None
        return facts

    def shape(self, name: str) -> Shape:
        """Return the shape of a present input, or of ``"output"``."""
        shape = self.shapes[name]
        if shape is None:
            raise KeyError(f"input {name!r} is absent in this case")
        return shape

    @cached_property
    def size(self) -> int:
        """Number of entries of all inputs together."""
        present = (shape for name, shape in self.shapes.items() if name != "output")
        return sum(prod(shape) for shape in present if shape is not None)

    def with_seed(self, seed: int) -> Case:
        """Return the same case with other data."""
        return replace(self, seed=seed)

    def in_float64(self) -> Case:
        """Return the same case in float64; what was given is widened, and is the same numbers."""
        given = self.given and {name: _wide(array) for name, array in self.given.items()}
        return replace(self, dtype="float64", given=given)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data that `from_dict` reads back."""
        return {
            "config": dict(self.config),
            "shapes": {k: None if v is None else list(v) for k, v in self.shapes.items()},
            "dtype": self.dtype,
            "data": self.data,
            "seed": self.seed,
        }

    def to_json(self) -> str:
        """Return the case as one line of JSON, which ``gradcheck run LAYER --case`` replays."""
        return json.dumps(self.to_dict(), separators=(",", ":"))

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Case:
        """Read a case back.

        Raises
        ------
        ValueError
            If a key is unknown or a value has the wrong form; the message names it.
        """
        known = {"config", "shapes", "dtype", "data", "seed"}
        if unknown := sorted(set(data) - known):
            raise ValueError(f"a case has no key {unknown[0]!r}; its keys are {sorted(known)}")
        if (dtype := data.get("dtype", "float64")) not in DTYPES:
            raise ValueError(f"a case's dtype is one of {', '.join(DTYPES)}, not {dtype!r}")
        shapes = data.get("shapes", {})
        if not isinstance(shapes, Mapping):
            raise ValueError(f"a case's shapes map names to lists of integers, not {shapes!r}")
        return cls(
            config=Config(data.get("config", {})),
            shapes={k: None if v is None else tuple(int(n) for n in v) for k, v in shapes.items()},
            dtype=dtype,
            data=str(data.get("data", "plain")),
            seed=int(data.get("seed", 0)),
        )


def _wide(array: Array | None) -> Array | None:
    return array.astype("float64") if array is not None and is_float(array.dtype) else array
