"""Right gradients by other algorithms than the obvious one pass: no right gradient fails."""

from __future__ import annotations

from typing import Any

import numpy as np

import gradcheck
from gradcheck import Verdict, adapt

Array = np.ndarray[Any, Any]
FIXED = {"stride": 1, "dilation": 1, "groups": 1}


def pad(x: Array, ring: tuple[int, int]) -> Array:
    return np.pad(x, [(0, 0), (0, 0), (ring[0], ring[0]), (ring[1], ring[1])])


def correlated(x: Array, weight: Array) -> Array:
    """Cross-correlate by the fast Fourier transform, which mixes all entries of an image."""
    height, width = x.shape[2:]
    kh, kw = weight.shape[2:]
    size = height + kh, width + kw
    spectrum = np.fft.rfft2(x, size), np.fft.rfft2(weight[:, :, ::-1, ::-1], size)
    full = np.fft.irfft2(np.einsum("nchw,ochw->nohw", *spectrum), size)
    y: Array = full[:, :, kh - 1 : height, kw - 1 : width].astype(x.dtype)
    return y


def forward(x: Array, weight: Array, bias: Array | None, **config: Any) -> tuple[Array, Any]:
    padded = pad(x, config["padding"])
    y = correlated(padded, weight)
    if bias is not None:
        y = y + bias[:, None, None]
    return y, (padded, weight, bias, config["padding"])


def backward(dy: Array, cache: Any) -> tuple[Array, Array, Array | None]:
    padded, weight, bias, (ph, pw) = cache
    kh, kw = weight.shape[2:]
    rotated = weight[:, :, ::-1, ::-1].swapaxes(0, 1)
    dx = correlated(pad(dy, (kh - 1, kw - 1)), rotated)
    dx = dx[:, :, ph : dx.shape[2] - ph, pw : dx.shape[3] - pw]
    dweight = correlated(padded.swapaxes(0, 1), dy.swapaxes(0, 1)).swapaxes(0, 1)
    return dx, dweight, None if bias is None else dy.sum(axis=(0, 2, 3))


def test_a_convolution_by_fourier_transform_passes() -> None:
    layer = adapt.functional(forward, backward, name="fft")
    report = gradcheck.check_layer("conv2d", layer, fixed=FIXED)
    report.raise_for_verdict()
    assert "rounds" in {note.name for note in report.notes}


def test_one_that_is_wrong_in_the_eighth_digit_fails() -> None:
    def slightly(dy: Array, cache: Any) -> Any:
        dx, dweight, dbias = backward(dy, cache)
        return dx, dweight * dweight.dtype.type(1 + 1e-8), dbias

    layer = adapt.functional(forward, slightly, name="fft")
    assert gradcheck.check_layer("conv2d", layer, fixed=FIXED).verdict is Verdict.FAIL
