"""Oracles put together from torch's own operations, where its one function is not exact enough.

An oracle has to be right to a few units in the last place of float64. torch 2.13's backward of celu
rounds 1 / alpha to float32, that of hardsigmoid 1 / 6; its tanhshrink cancels near 0, and so does
its log_softmax where an output is near 0; its backwards of sigmoid and tanh, y (1 - y) and 1 - y^2,
lose every digit in the tails, and so does that of softsign; that of mish is three bounds
off at 19, and gelu takes its left tail from 1 + erf. Autograd differentiates what stands here
instead.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any

TERMS = 9
"""Of a continued fraction: they leave 1e-19 at 1."""


def celu(x: Any, *, alpha: float) -> Any:
    """Return x where x > 0, alpha (exp(x / alpha) - 1) elsewhere."""
    import torch

    z = torch.where(x > 0, 0, x) / alpha
    # The backward of expm1 adds 1 to its result, which far below 0 is nearly -1.
    return torch.where(x > 0, x, alpha * torch.where(z > -0.5, torch.expm1(z), torch.exp(z) - 1))


def hardsigmoid(x: Any) -> Any:
    """Return 0, (x + 3) / 6 or 1."""
    from torch.nn.functional import relu6

    return relu6(x + 3) / 6


def tanhshrink(x: Any) -> Any:
    """Return x - tanh(x), near 0 by Lambert's continued fraction of tanh."""
    import torch

    near = x.clamp(-1, 1)
    fraction = torch.zeros_like(x)
    for odd in range(2 * TERMS + 1, 1, -2):
        fraction = near * near / (odd + fraction)
    return torch.where(x.abs() <= 1, near * fraction / (1 + fraction), x - torch.tanh(x))


def log_softmax(x: Any, *, dim: int) -> Any:
    """Return x - log(sum of exp(x)); the largest entry's own exp is the 1 of log(1 + others)."""
    import torch

    largest = x.argmax(dim, keepdim=True)
    shifted = x - x.gather(dim, largest)
    others = torch.exp(shifted).scatter(dim, largest, 0.0)
    return shifted - torch.log1p(others.sum(dim, keepdim=True))


def sigmoid(x: Any) -> Any:
    """Return 1 / (1 + e) where x >= 0, e / (1 + e) elsewhere, e = exp(-|x|)."""
    import torch

    e = torch.exp(-_magnitude(x))
    return torch.where(x >= 0, 1, e) / (1 + e)


def tanh(x: Any) -> Any:
    """Return (1 - e) / (1 + e), e = exp(-2 |x|), with the sign of x."""
    import torch

    size = -2 * _magnitude(x)
    e = torch.exp(size)
    # The backward of expm1 adds 1 to its result, which far below 0 is nearly -1.
    y = torch.where(size > -0.5, -torch.expm1(size), 1 - e) / (1 + e)
    return torch.where(x >= 0, y, -y)


def softsign(x: Any) -> Any:
    """Return x / (1 + |x|), as sign(x) (1 - 1 / (1 + |x|)) where that keeps digits."""
    import torch

    size = _magnitude(x)
    y = torch.where(size < 1, size / (1 + size), 1 - 1 / (1 + size))
    return torch.where(x >= 0, y, -y)


def silu(x: Any) -> Any:
    """Return x times its sigmoid."""
    return x * sigmoid(x)


def mish(x: Any) -> Any:
    """Return x tanh(log(1 + exp(x))), the tanh as a quotient of polynomials in exp(-|x|)."""
    import torch

    e = torch.exp(-_magnitude(x))
    right = 1 - 2 * e * e / (1 + 2 * e + 2 * e * e)
    left = e * (e + 2) / (e * e + 2 * e + 2)
    return x * torch.where(x >= 0, right, left)


def gelu(x: Any, *, approximate: str) -> Any:
    """Return x times the normal distribution function, or times a sigmoid of nearly that shape."""
    import torch

    if approximate == "tanh":
        near = x.clamp(-40, 40)  # beyond, the cube may overflow, and the sigmoid is 0 or 1
        return x * sigmoid(sqrt(8 / pi) * (near + 0.044715 * near**3))
    return x * torch.special.erfc(-x * sqrt(0.5)) / 2


def glu(x: Any, *, dim: int) -> Any:
    """Return one half times the sigmoid of the other."""
    a, b = x.chunk(2, dim)
    return a * sigmoid(b)


def _magnitude(x: Any) -> Any:
    """Return |x|, with derivative 1 at 0."""
    import torch

    return torch.where(x >= 0, x, -x)
