"""Power-average pooling: the p-norm of each window, p = ``norm_type``.

For x of shape (N, C, D, H, W) and windows as in `conv3d`, without padding,

    y[n, c, a]  = (F[a] sum over i of x[n, c, a s + i]^p)^(1/p)
    dx[n, c, r] = x[n, c, r]^(p-1) sum of dy[n, c, a] F[a] y[n, c, a]^(1-p) over the a that hold r.

Here a, i and r, and the setting s, are triples: (planes, rows, columns).

F is 1, but where ``ceil_mode`` lets the last window hang over the far edge: there it is the size of
the kernel over what of the window lies on the image, as in torch. Of a negative x only whole powers
exist, and of a negative sum no root: elsewhere y is NaN. A window whose powers sum to 0 is a corner
of the norm, where torch and this layer give 0; for p = 1 it is none.

Gulcehre et al., Learned-norm pooling for deep feedforward and recurrent neural networks, 2014;
``torch.nn.functional.lp_pool3d``.
"""

from __future__ import annotations

from . import _lp_pool
from ._layer import Layer
from ._lp_pool import Cache
from ._types import Array, IntOrTuple


def forward(
    x: Array,
    *,
    norm_type: float,
    kernel_size: IntOrTuple,
    stride: IntOrTuple | None = None,
    ceil_mode: bool = False,
) -> tuple[Array, Cache]:
    """Take the p-norm of each window.

    Parameters
    ----------
    x : array of shape (N, C, D, H, W)
        Volumes.
    norm_type : float
        p, above 0.
    kernel_size : int or tuple of three ints
        Size of a window.
    stride : int or tuple of three ints, optional
        Step between windows; by default ``kernel_size``.
    ceil_mode : bool
        Keep a last window that hangs over the far edge.

    Returns
    -------
    y : array of shape (N, C, OD, OH, OW)
        Norms.
    cache : Cache
        For `backward`.

    Raises
    ------
    ValueError
        If shape, dtype or settings do not fit together.
    """
    return _lp_pool.forward(
        "lp_pool3d",
        x,
        axes=3,
        norm_type=norm_type,
        kernel_size=kernel_size,
        stride=stride,
        ceil_mode=ceil_mode,
    )


def backward(dy: Array, cache: Cache) -> Array:
    """Pull each window's cotangent back to its entries.

    Parameters
    ----------
    dy : array of shape (N, C, OD, OH, OW)
        Cotangent of the output.
    cache : Cache
        From `forward`.

    Returns
    -------
    dx : array of shape (N, C, D, H, W)

    Raises
    ------
    ValueError
        If ``dy`` has another shape or dtype than the output.
    """
    return _lp_pool.backward("lp_pool3d", dy, cache)


def layer() -> Layer:
    """Return the layer, for the registry."""
    return Layer(spec="lp_pool3d", inputs=("x",), forward=forward, backward=backward)
