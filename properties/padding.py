"""The contract of padding by a constant, the edge, a mirror or a repetition."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.spec import Multilinear, Spec

from ._padding_plans import PAD
from ._torch_oracle import TorchFunction

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array


def pad() -> Spec:
    """Return the contract of ``torch.nn.functional.pad``."""
    return Spec(
        name="pad",
        inputs=("x",),
        # The constant is added to nothing, so it neither rounds nor moves.
        form=Multilinear(terms=(("x",),), counts=_counts),
        cases=PAD.cases,
        classes=PAD.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.pad"),
        pattern=_pattern,
        summary="images continued by a constant, the edge, a mirror or a repetition",
    )


def _counts(case: Case) -> dict[str, int]:
    """Count the places that read one entry: all that are along an axis, at most."""
    return {"output": 1, "x": prod(case.shape("output")[2:])}


def _pattern(case: Case) -> dict[str, tuple[Array, Array]]:
    """Return the place that each place of the output reads, by padding the numbers of the places.

    NumPy's own padding is the judge here: its modes of these names are torch's.
    """
    image = case.shape("x")
    pairs = list(zip(case.config["pad"][::2], case.config["pad"][1::2], strict=True))[::-1]
    sides = ((0, 0),) * (len(image) - len(pairs)) + tuple(pairs)
    mode = {"replicate": "edge", "circular": "wrap"}.get(case.config["mode"], case.config["mode"])
    extended = partial(np.pad, pad_width=sides, mode=mode)
    read = extended(1 + np.arange(prod(image)).reshape(image)).ravel()  # 0: the constant
    inside = np.flatnonzero(read)
    return {"x": (inside, read[inside] - 1)}
