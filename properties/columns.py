"""The contracts of unfold (im2col) and fold (col2im)."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.spec import Multilinear, Spec

from ._column_plans import FOLD, UNFOLD
from ._torch_oracle import TorchFunction
from ._windows import most_covering, sliding

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.layer import Array

    Places = dict[str, tuple[Array, Array]]


def unfold() -> Spec:
    """Return the contract of ``torch.nn.functional.unfold``."""
    return Spec(
        name="unfold",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),), counts=lambda case: {"output": 1, "x": most_covering(case)}
        ),
        cases=UNFOLD.cases,
        classes=UNFOLD.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.unfold"),
        pattern=_unfolded,
        summary="windows of images as columns (im2col)",
    )


def fold() -> Spec:
    """Return the contract of ``torch.nn.functional.fold``."""
    return Spec(
        name="fold",
        inputs=("x",),
        form=Multilinear(
            terms=(("x",),), counts=lambda case: {"output": most_covering(case), "x": 1}
        ),
        cases=FOLD.cases,
        classes=FOLD.config_classes(),
        oracle=TorchFunction(name="torch.nn.functional.fold"),
        pattern=_folded,
        summary="columns added up to images (col2im)",
    )


def _unfolded(case: Case) -> Places:
    columns, images = _places(case, case.shape("x"))
    return {"x": (columns, images)}


def _folded(case: Case) -> Places:
    columns, images = _places(case, case.shape("output"))
    return {"x": (images, columns)}


def _places(case: Case, images: tuple[int, ...]) -> tuple[Array, Array]:
    """Return each entry of the columns that lies on an image, and its place there."""
    read = sliding(case).T.ravel()  # entry by entry of the window, then window by window
    plane = np.arange(prod(images[:2]))[:, None]
    inside = np.flatnonzero(read >= 0)
    columns, pixels = plane * len(read) + inside, plane * prod(images[2:]) + read[inside]
    return columns.ravel(), pixels.ravel()
