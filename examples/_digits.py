"""Handwritten digits: scikit-learn's, or MNIST from the IDX files of a folder.

An IDX file is 0, 0, the code of a type (8: unsigned bytes) and the number of axes, a byte each;
then the length of each axis, four bytes with the highest first; then the entries, the last axis
running fastest.
"""

from __future__ import annotations

import gzip
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

BYTES = b"\0\0\x08"
"""How an IDX file of unsigned bytes begins."""

HELD_OUT = 5
"""Of scikit-learn's digits one in so many is held out; MNIST has a set for that."""


class Digits(NamedTuple):
    """Images of shape (N, 1, H, W), grey from 0 to 1 in float32, and their digits."""

    images: NDArray[np.float32]
    labels: NDArray[np.intp]


def load(folder: Path | None, rng: np.random.Generator) -> tuple[Digits, Digits]:
    """Return digits to learn from, and digits held out.

    Parameters
    ----------
    folder : Path, optional
        Where MNIST's four files lie, plain or as ``.gz``; without it scikit-learn's digits.
    rng : numpy.random.Generator
        Decides which of scikit-learn's digits are held out.
    """
    if folder is not None:
        return mnist(folder, "train"), mnist(folder, "t10k")
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    order = rng.permutation(len(labels))
    few = len(labels) // HELD_OUT
    digits = _digits(images.reshape(-1, 8, 8), labels, white=16)
    return _at(digits, order[few:]), _at(digits, order[:few])


def mnist(folder: Path, part: str) -> Digits:
    """Return one part of MNIST: ``"train"`` or ``"t10k"``.

    Raises
    ------
    FileNotFoundError
        If a file is missing; the message names it.
    ValueError
        If a file is no IDX file of bytes, or images and labels do not match.
    """
    images = read_idx(_found(folder, f"{part}-images-idx3-ubyte"))
    labels = read_idx(_found(folder, f"{part}-labels-idx1-ubyte"))
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise ValueError(f"{folder}: {images.shape} images and {labels.shape} labels do not match")
    return _digits(images, labels, white=255)


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes, plain or as ``.gz``.

    Raises
    ------
    ValueError
        If the file is none.
    """
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    if len(data) < 4 or not data.startswith(BYTES):
        raise ValueError(
            f"{path} begins with {data[:4].hex(' ')}, an IDX file of bytes with 00 00 08"
        )
    start = 4 + 4 * data[3]
    if len(data) < start:
        raise ValueError(f"{path} ends within its header")
    shape = tuple(np.frombuffer(data[4:start], ">u4").tolist())
    if len(data) - start != prod(shape):
        raise ValueError(f"{path} has {len(data) - start} entries, its header says {shape}")
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)


def _found(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder / name} is not there, nor as .gz; it is a file of MNIST")


def _digits(images: NDArray[Any], labels: NDArray[Any], *, white: int) -> Digits:
    grey = (images[:, None] / white).astype(np.float32)
    return Digits(grey, labels.astype(np.intp))


def _at(digits: Digits, places: NDArray[np.intp]) -> Digits:
    return Digits(digits.images[places], digits.labels[places])
