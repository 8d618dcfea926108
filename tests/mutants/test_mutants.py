"""Deliberately wrong backwards, each caught with default settings; their unharmed twins pass.

A mutant is a function of a `Call` that returns gradients: it may ask the right backward, with the
inputs, the config or the cotangent changed, and spoil what comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import gradcheck
from gradcheck import adapt
from gradcheck.registry import load_spec

Array = npt.NDArray[Any]


def module_of(kind: str) -> Any:
    """Return the module of the layer that the kind is asked of."""
    return import_module(f"gradcheck.reference.{kind.removeprefix('padded_')}")


@dataclass
class Call:
    """One backward: the cotangent, the inputs and config of its forward, and the right answer."""

    kind: str
    dy: Array
    inputs: tuple[Any, ...]
    config: dict[str, Any]

    @property
    def x(self) -> Array:
        x: Array = self.inputs[0]
        return x

    def right(self, dy: Array | None = None, *inputs: Any, **config: Any) -> Any:
        module = module_of(self.kind)
        _, cache = module.forward(*(inputs or self.inputs), **{**self.config, **config})
        return module.backward(self.dy if dy is None else dy, cache)

    def spoil(self, place: int, how: Callable[[Array], Array]) -> tuple[Any, ...]:
        gradients = list(self.right())
        if gradients[place] is not None:
            gradients[place] = how(gradients[place])
        return tuple(gradients)


Mutant = Callable[[Call], Any]


def cast(dtype: str) -> Mutant:
    return lambda call: call.right(call.dy.astype(dtype).astype(call.dy.dtype))


def every_tied_maximum(call: Call) -> Array:
    """Give the upstream gradient to each entry that equals its maximum."""
    top = call.x.max(axis=(2, 3), keepdims=True)
    return np.where(call.x == top, call.dy, 0).astype(call.dy.dtype)


def tied_windows(call: Call) -> Array:
    """Nudge nothing: route by comparing each entry with its window's maximum."""
    dx = call.right()
    axes = tuple(range(2, call.x.ndim))
    again = np.flip(call.right(call.dy, np.flip(call.x, axes).copy()), axes)
    tied: Array = np.where((again != 0) & (dx == 0), again, dx)
    return tied


def last_sample_only(place: int) -> Mutant:
    """Forget to sum over the batch: only the last sample reaches the parameter."""

    def mutant(call: Call) -> tuple[Any, ...]:
        dy = call.dy.copy()
        dy[:-1] = 0
        gradients = list(call.right())
        gradients[place] = call.right(dy)[place]
        return tuple(gradients)

    return mutant


def averaged(place: int) -> Mutant:
    return lambda call: call.spoil(place, lambda g: g / g.dtype.type(len(call.x)))


def without_edge(call: Call) -> tuple[Any, ...]:
    """Drop the last row of the upstream gradient when the stride does not divide."""
    dy = call.dy.copy()
    dy[..., -1, :] = 0
    return (call.right(dy)[0], *call.right()[1:])


def behind(dy: Array, output_padding: tuple[int, ...]) -> Array:
    """Return 1 on the output, 0 on the places that were added behind it."""
    kept = np.ones_like(dy)
    for axis, extra in enumerate(output_padding, start=2):
        kept.swapaxes(0, axis)[dy.shape[axis] - extra :] = 0
    return kept


def sliced(call: Call) -> tuple[Any, ...]:
    """Crop with [p:-p], which is empty at p = 0."""
    p = call.config["padding"][0]
    dx, *rest = call.right()
    return (dx if p else dx[:, :, p : dx.shape[2] - 1 or None], *rest)


def overwritten(call: Call) -> Any:
    """Write = for +=: where windows overlap the last output wins."""
    dx = np.zeros_like(call.x)
    for index in np.ndindex(call.dy.shape[2:]):
        one = np.zeros_like(call.dy)
        one[(..., *index)] = call.dy[(..., *index)]
        part = call.right(one)
        part = part[0] if isinstance(part, tuple) else part
        dx = np.where(part != 0, part, dx)
    right = call.right()
    return (dx, *right[1:]) if isinstance(right, tuple) else dx


def last_dropped(call: Call) -> Any:
    """Forget the last window where ceil_mode lets it hang over."""
    dy = call.dy.copy()
    dy[..., -1] *= not call.config["ceil_mode"]
    return call.right(dy)


def at_the_floor(call: Call) -> Array:
    """End adaptive windows at floor((o + 1) n / out), where neighbours share no place."""
    dx = np.zeros_like(call.x)
    for index in np.ndindex(call.dy.shape[2:]):
        sides = zip(index, call.x.shape[2:], call.dy.shape[2:], strict=True)
        starts = [(o * n // out, max((o + 1) * n // out, o * n // out + 1)) for o, n, out in sides]
        box: Any = (..., *(slice(*ends) for ends in starts))
        part, axes = call.x[box], tuple(range(2, call.x.ndim))
        dy = call.dy[(..., *index)].reshape(*call.dy.shape[:2], *(1,) * len(axes))
        if "avg" in call.kind:
            dx[box] += dy / dy.dtype.type(np.prod(part.shape[2:]))
        else:
            dx[box] += dy * (part == part.max(axis=axes, keepdims=True))
    return dx


def settled(**change: Callable[[Any], Any]) -> Mutant:
    """Pull back as if settings were others, as much of the cotangent as there is room for."""

    def mutant(call: Call) -> Any:
        config = {**call.config, **{key: how(call.config[key]) for key, how in change.items()}}
        module = module_of(call.kind)
        try:
            y, cache = module.forward(*call.inputs, **config)
        except ValueError:
            return call.right()
        both = tuple(slice(min(n, m)) for n, m in zip(y.shape, call.dy.shape, strict=True))
        dy = np.zeros_like(y)
        dy[both] = call.dy[both]
        return module.backward(dy, cache)

    return mutant


def swapped_groups(call: Call) -> tuple[Any, ...]:
    groups = call.config["groups"]
    weight = call.inputs[1]
    mixed = weight.reshape(groups, -1, *weight.shape[1:]).swapaxes(0, 1).reshape(weight.shape)
    return (call.right(call.dy, call.x, mixed, *call.inputs[2:])[0], *call.right()[1:])


def unrotated(call: Call) -> tuple[Any, ...]:
    weight = call.inputs[1]
    flipped = np.flip(weight, tuple(range(2, weight.ndim)))
    return (call.right(call.dy, call.x, flipped, *call.inputs[2:])[0], *call.right()[1:])


def windows_overwritten(call: Call) -> Array:
    """Write = for +=: of the windows that share a place, the last wins by its first entry."""
    dx = np.zeros_like(call.x)
    for row in reversed(range(call.dy.shape[1])):
        one = np.zeros_like(call.dy)
        one[:, row] = call.dy[:, row]
        dx = np.where((part := call.right(one)) != 0, part, dx)
    return dx


def kernel_transposed(call: Call) -> Any:
    """Read the rows of the columns as (c, j, i) where the kernel is square."""
    kernel = call.config["kernel_size"]
    if kernel[0] != kernel[1]:
        return call.right()
    if call.kind == "fold":
        return swapped_rows(call.right(), kernel)
    return call.right(swapped_rows(call.dy, kernel))


def swapped_rows(columns: Array, kernel: tuple[int, ...]) -> Array:
    n, rows, windows = columns.shape
    split = columns.reshape(n, -1, *kernel, windows)
    return np.ascontiguousarray(split.swapaxes(2, 3)).reshape(n, rows, windows)


def middle_only(call: Call) -> Any:
    """Crop the cotangent to the image, whatever the border read."""
    return call.right(mode="constant", value=0.0)


def another_border(mode: str, instead: str) -> Mutant:
    """Pull the border of one mode back as that of another."""
    return lambda call: call.right(
        mode=instead if call.config["mode"] == mode else call.config["mode"]
    )


def edge_counted_twice(call: Call) -> Any:
    """Mirror so that the edge is read by its neighbour outside, as NumPy's ``symmetric``."""
    if call.config["mode"] != "reflect":
        return call.right()
    pairs = list(zip(call.config["pad"][::2], call.config["pad"][1::2], strict=True))[::-1]
    numbers = np.arange(call.x.size).reshape(call.x.shape)
    read = np.pad(numbers, ((0, 0), (0, 0), *pairs), mode="symmetric")
    dx = np.bincount(read.ravel(), call.dy.ravel(), call.x.size)
    return dx.reshape(call.x.shape).astype(call.dy.dtype)


def sides_swapped(call: Call) -> Any:
    """Take the places after for those before."""
    pad = call.config["pad"]
    swapped = tuple(n for pair in zip(pad[1::2], pad[::2], strict=True) for n in pair)
    return call.right(pad=swapped)


def first_axis_first(call: Call) -> Any:
    """Read the list of places in the order of the axes, where that gives the same size."""
    pad = call.config["pad"]
    turned = tuple(n for pair in list(zip(pad[::2], pad[1::2], strict=True))[::-1] for n in pair)
    sums = {a + b for a, b in zip(pad[::2], pad[1::2], strict=True)}
    return call.right(pad=turned) if len(sums) == 1 else call.right()


def statistics_constant(call: Call) -> tuple[Any, ...]:
    """Take mean and variance for constants: the two sums that they add to dx are missing."""
    return normed_backward(call, mean=False, variance=False)


def normed_backward(
    call: Call, *, mean: bool = True, variance: bool = True, entries: int = 0, outside: bool = False
) -> tuple[Any, ...]:
    """Write the backward of batch_norm out, with a part of it wrong."""
    x, weight, _ = call.inputs
    axes, one = (0, *range(2, x.ndim)), (1, -1, *(1,) * (x.ndim - 2))
    m, v, eps = x.mean(axes), x.var(axes), call.config["eps"]
    if not call.config["training"]:
        m, v = (np.array(call.config[f"running_{name}"], x.dtype) for name in ("mean", "var"))
    root = (np.sqrt(v) + eps if outside else np.sqrt(v + eps)).reshape(one)
    e, count = (x - m.reshape(one)) / root, entries or x.size // x.shape[1]
    dx = call.dy.copy()
    if call.config["training"]:
        dx -= mean * call.dy.sum(axes).reshape(one) / count
        dx -= variance * e * (call.dy * e).sum(axes).reshape(one) / count
    dx = dx / root * weight.reshape(one)
    return dx.astype(x.dtype), *call.right()[1:]


def mutates(call: Call) -> Any:
    call.x[...] *= 0.5
    return call.right()


def scales_upstream(call: Call) -> Any:
    call.dy[...] *= 2
    return call.right()


def keeps_state() -> Mutant:
    """Keep the config and inputs of the last forward on the layer instead of in the cache."""
    return lambda call: STATE[call.kind].right(call.dy) if call.kind in STATE else call.right()


STATE: dict[str, Call] = {}

WINDOWED: dict[str, Mutant] = {
    "overlap overwritten": overwritten,
    "float32 upstream": cast("f4"),
    "input mutated": mutates,
    "upstream scaled in place": scales_upstream,
    "relative error 1e-6": lambda c: c.right() * c.dy.dtype.type(1 + 1e-6),
    "height and width swapped": lambda c: c.right().swapaxes(2, 3)
    if c.x.shape[2] == c.x.shape[3] else c.right(),
}  # fmt: skip
PARAMETRIC: dict[str, Mutant] = {
    "float32 upstream": cast("f4"),
    "truncated upstream": lambda c: c.right(np.trunc(c.dy)),
    "bias of one sample": last_sample_only(2),
    "weight of one sample": last_sample_only(1),
    "weight divided by N": averaged(1),
    "too few gradients": lambda c: c.right()[:2],
    "None for x": lambda c: (None, *c.right()[1:]),
    "weight flattened": lambda c: c.spoil(1, np.ravel),
    "not finite": lambda c: c.spoil(0, lambda g: g / 0 * 0),
    "input mutated": mutates,
    "upstream scaled in place": scales_upstream,
}
POINTWISE: dict[str, Mutant] = {
    "float32 upstream": cast("f4"),
    "upstream ignored": lambda c: c.right(np.ones_like(c.dy)),
    "sign": lambda c: -c.right(),
    "relative error 1e-6": lambda c: c.right() * c.dy.dtype.type(1 + 1e-6),
    "other side": lambda c: c.right(c.dy, -c.x) if c.kind not in ("sigmoid", "tanh")
    else c.right(c.dy, 2 * c.x),
    "input mutated": mutates,
    "upstream scaled in place": scales_upstream,
    "one entry zeroed": lambda c: c.right() * (np.arange(c.x.size).reshape(c.x.shape) > 0),
    "kept state": keeps_state(),
}  # fmt: skip
CONVOLUTIONAL: dict[str, Mutant] = {
    "kernel not rotated": unrotated,
    "bias of one sample": last_sample_only(2),
    "weight divided by N": averaged(1),
    "too few gradients": lambda c: c.right()[:2],
    "upstream scaled in place": scales_upstream,
}
"""Of convolutions, forwards and transposed, along any number of axes."""

TRANSPOSED: dict[str, Mutant] = {
    **CONVOLUTIONAL,
    "output_padding cut off": lambda c: (
        c.right(c.dy * behind(c.dy, c.config["output_padding"]))[0], *c.right()[1:]),
}  # fmt: skip


def sides_of_windows_swapped(call: Call) -> Any:
    """Take the places after for those before."""
    padding = call.config["padding"]
    if not isinstance(padding, tuple) or not isinstance(padding[0], tuple):
        return call.right()
    return call.right(padding=tuple(pair[::-1] for pair in padding))


def more_on_the_near_side(call: Call) -> Any:
    """Put the odd place of padding='same' before the image."""
    if call.config["padding"] != "same":
        return call.right()
    totals = [call.config["dilation"] * (k - 1) for k in call.inputs[1].shape[2:]]
    return call.right(padding=tuple((total - total // 2, total // 2) for total in totals))


def border_of(mode: str, instead: str) -> Mutant:
    """Pull the border of one mode back as that of another."""
    return lambda call: (
        call.right(padding_mode=instead) if call.config["padding_mode"] == mode else call.right()
    )


BORDERED: dict[str, Mutant] = {
    **CONVOLUTIONAL,
    "border dropped": lambda c: c.right(padding_mode="zeros"),
    "circular wrap missing": border_of("circular", "zeros"),
    "replicate mirrors": border_of("replicate", "reflect"),
    "sides swapped": sides_of_windows_swapped,
    "same, one more on the near side": more_on_the_near_side,
}
"""Of convolutions with any border."""

COLUMNS: dict[str, Mutant] = {
    "kernel transposed": kernel_transposed,
    "float32 upstream": cast("f4"),
    "truncated upstream": lambda c: c.right(np.trunc(c.dy)),
    "upstream scaled in place": scales_upstream,
    "windows backwards": lambda c: (
        c.right(c.dy[..., ::-1].copy()) if c.kind == "unfold" else c.right()[..., ::-1].copy()
    ),
}
"""Of unfold and fold."""

POOLED: dict[str, Mutant] = {
    "overlap overwritten": overwritten,
    "last window dropped": last_dropped,
    "padding ignored": settled(padding=lambda padding: (0,) * len(padding)),
    "float32 upstream": cast("f4"),
    "upstream scaled in place": scales_upstream,
}
"""Of pools that slide windows, along any number of axes."""

MAXIMA: dict[str, Mutant] = {
    **POOLED,
    "every tied maximum": tied_windows,
    "negative maxima dropped": lambda c: c.right() * (c.x > 0),
    "dilation ignored": settled(dilation=lambda dilation: (1,) * len(dilation)),
}
MEANS: dict[str, Mutant] = {
    **POOLED,
    "divisor counts no padding": lambda c: c.right(count_include_pad=False),
    "no divisor": lambda c: c.right(c.dy * c.dy.dtype.type(np.prod(c.config["kernel_size"]))),
}
SWAPPED: dict[str, Mutant] = {"strides swapped": settled(stride=lambda stride: stride[::-1])}

ADAPTIVE: dict[str, Mutant] = {
    "overlap overwritten": overwritten,
    "windows end at the floor": at_the_floor,
    "float32 upstream": cast("f4"),
    "upstream scaled in place": scales_upstream,
}
ADAPTIVE_MAXIMA: dict[str, Mutant] = {
    **ADAPTIVE,
    "every tied maximum": tied_windows,
    "negative maxima dropped": lambda c: c.right() * (c.x > 0),
}
ADAPTIVE_MEANS: dict[str, Mutant] = {
    **ADAPTIVE,
    "no divisor": lambda c: c.right(c.dy * c.dy.dtype.type(c.x[0, 0].size / c.dy[0, 0].size)),
    "last window dropped": lambda c: c.right(
        c.dy * (np.arange(c.dy.shape[-1]) < max(c.dy.shape[-1] - 1, 1))),
}  # fmt: skip

NORMS: dict[str, Mutant] = {
    "overlap overwritten": overwritten,
    "gradient without the sign": lambda c: np.abs(c.right(np.abs(c.dy))),
    "1/p forgotten": lambda c: c.right() * c.dy.dtype.type(c.config["norm_type"]),
    "norm_type of 2": settled(norm_type=lambda _: 2.0),
    "last window dropped": last_dropped,
    "float32 upstream": cast("f4"),
    "upstream scaled in place": scales_upstream,
}


def indexed(change: Callable[[Array, int], Array]) -> Mutant:
    """Fetch from other places than the indices name."""

    def mutant(call: Call) -> Any:
        indices = np.array(call.config["indices"])
        return call.right(indices=change(indices, int(np.prod(call.dy.shape[2:]))))

    return mutant


UNPOOLED: dict[str, Mutant] = {
    "one place behind": indexed(lambda indices, places: (indices + 1) % places),
    "counted from the end": indexed(lambda indices, places: places - 1 - indices),
    "indices of the first sample": indexed(
        lambda indices, _: np.broadcast_to(indices[:1], indices.shape)),
    "indices of the first channel": indexed(
        lambda indices, _: np.broadcast_to(indices[:, :1], indices.shape)),
    "float32 upstream": cast("f4"),
    "upstream scaled in place": scales_upstream,
}  # fmt: skip

MUTANTS: dict[str, dict[str, Mutant]] = {
    **{f"max_unpool{axes}d": UNPOOLED for axes in (1, 2, 3)},
    "lp_pool1d": NORMS,
    "lp_pool2d": {**NORMS, **SWAPPED},
    "lp_pool3d": {**NORMS, **SWAPPED},
    **{f"adaptive_max_pool{axes}d": ADAPTIVE_MAXIMA for axes in (1, 2, 3)},
    **{f"adaptive_avg_pool{axes}d": ADAPTIVE_MEANS for axes in (1, 2, 3)},
    "max_pool1d": MAXIMA,
    "max_pool3d": {**MAXIMA, **SWAPPED},
    "avg_pool1d": MEANS,
    "avg_pool3d": {**MEANS, **SWAPPED},
    "fold": COLUMNS,
    "unfold": {**COLUMNS, "overlap overwritten": windows_overwritten},
    "pad": {
        "border dropped": middle_only,
        "reflect counts the edge twice": edge_counted_twice,
        "circular wrap missing": another_border("circular", "constant"),
        "replicate mirrors": another_border("replicate", "reflect"),
        "sides swapped": sides_swapped,
        "first axis first": first_axis_first,
        "float32 upstream": cast("f4"),
        "upstream scaled in place": scales_upstream,
    },
    "conv1d": CONVOLUTIONAL,
    "conv3d": CONVOLUTIONAL,
    **{f"conv_transpose{axes}d": TRANSPOSED for axes in (1, 2, 3)},
    **{f"padded_conv{axes}d": BORDERED for axes in (1, 2, 3)},
    "conv2d": {
        **PARAMETRIC,
        "kernel not rotated": unrotated,
        "overlap overwritten": overwritten,
        "remainder rows dropped": without_edge,
        "groups interleaved": swapped_groups,
        "padding cropped with [p:-p]": sliced,
        "kept state": keeps_state(),
    },
    "linear": {**PARAMETRIC, "weight transposed twice": lambda c: c.spoil(1, lambda g: g[::-1])},
    "batch_norm": {
        "float32 upstream": cast("f4"),
        "input mutated": mutates,
        "statistics held constant": statistics_constant,
        "mean's dependence forgotten": lambda c: normed_backward(c, mean=False),
        "variance's dependence forgotten": lambda c: normed_backward(c, variance=False),
        "N - 1 for N": lambda c: normed_backward(c, entries=c.dy.size // c.dy.shape[1] - 1),
        "eps outside the root": lambda c: normed_backward(c, outside=True),
        "batch statistics in evaluation": lambda c: c.right(training=True),
        "sums over the samples alone": lambda c: c.right()[:1] + c.right(
            c.dy * (np.arange(c.dy.size).reshape(c.dy.shape) < c.dy.size // len(c.dy)))[1:],
        "weight forgotten": lambda c: (c.right(c.dy, c.x, None, c.inputs[2])[0], *c.right()[1:]),
    },
    "flatten": {
        "float32 upstream": cast("f4"),
        "upstream scaled in place": scales_upstream,
        "left flat": lambda c: c.dy.copy(),
        "column order": lambda c: np.asarray(c.dy).ravel().reshape(c.x.shape, order="F"),
        "batch reversed": lambda c: c.right()[::-1].copy(),
        "one entry zeroed": lambda c: c.right() * (np.arange(c.x.size).reshape(c.x.shape) > 0),
        "input for cotangent": lambda c: c.x.copy(),
        "sign": lambda c: -c.right(),
    },
    "dropout": {
        "float32 upstream": cast("f4"),
        "input mutated": mutates,
        "mask forgotten": lambda c: c.right(mask=1),
        "mask inverted": lambda c: c.right(mask=1 - np.array(c.config["mask"])),
        "1 / (1 - p) forgotten": lambda c: c.right(p=0.0),
        "divided by p": lambda c: c.right(p=1 - c.config["p"]) if c.config["p"] else c.right(),
        "scaled twice": lambda c: c.right(c.right()),
        "mask of the first sample": lambda c: c.right(mask=np.array(c.config["mask"])[:1]),
        "mask by the sign of x": lambda c: c.right() * (c.x > 0),
    },
    "max_pool2d": {
        **WINDOWED,
        **MAXIMA,
        **SWAPPED,
    },
    "avg_pool2d": {
        **WINDOWED,
        **POOLED,
        **SWAPPED,
        "divisor is the kernel's area": lambda c: c.right(divisor_override=int(
            np.prod(c.config["kernel_size"]))),
        "divisor counts no padding": lambda c: c.right(count_include_pad=False),
        "no divisor": lambda c: c.right(divisor_override=1),
    },
    "global_avg_pool2d": {
        k: v for k, v in WINDOWED.items() if "overlap" not in k and "swapped" not in k
    } | {
        "no divisor": lambda c: np.broadcast_to(c.dy, c.x.shape).copy(),
        "divided by the height": lambda c: np.broadcast_to(
            c.dy / c.dy.dtype.type(c.x.shape[2]), c.x.shape).copy(),
    },
    "global_max_pool2d": {
        k: v for k, v in WINDOWED.items() if "overlap" not in k and "swapped" not in k
    } | {
        "every tied maximum": every_tied_maximum,
        "negative maxima dropped": lambda c: c.right() * (c.x > 0),
    },
    "relu": POINTWISE,
    "leaky_relu": {**POINTWISE, "slope forgotten": lambda c: c.dy * (c.x > 0)},
    "prelu": {
        "weight not summed over the batch": last_sample_only(1),
        "slope of one": lambda c: (c.dy.copy(), c.right()[1]),
        "weight from the positive side": lambda c: (
            c.right()[0], c.right(c.dy, -c.x, c.inputs[1])[1]),
        "float32 upstream": cast("f4"),
        "too few gradients": lambda c: c.right()[0],
        "weight sign": lambda c: c.spoil(1, np.negative),
    },
    "elu": {**POINTWISE, "alpha forgotten": lambda c: c.right(alpha=1.0)},
    "selu": {
        **POINTWISE,
        "scale 1.0507": lambda c: c.right() * c.dy.dtype.type(1.0507 / 1.0507009873554805),
    },
    "sigmoid": {**POINTWISE, "y (1 + y)": lambda c: c.dy / (1 + np.exp(-c.x.clip(-80, 80)))},
    "tanh": {**POINTWISE, "1 - y": lambda c: c.dy * (1 - np.tanh(c.x))},
}  # fmt: skip

CAUSES = {
    "kernel not rotated": "dx: the kernel is not rotated by 180 degrees",
    "overlap overwritten": "dx: where windows overlap the last one overwrites the others",
    "remainder rows dropped": "the last index of the cotangent's axis 2 is dropped",
    "groups interleaved": "dx: the groups of weight are interleaved",
    "bias of one sample": "dbias: only the last sample of the batch counts",
    "weight of one sample": "dweight: only the last sample of the batch counts",
    "weight not summed over the batch": "dweight: only the last sample of the batch counts",
    "weight divided by N": "dweight: it is divided by the batch size",
    "weight transposed twice": "dweight: it is flipped along axis 0",
    "weight sign": "dweight: its sign is wrong",
    "weight from the positive side": "dweight: it is the gradient at -x",
    "truncated upstream": "the cotangent is truncated to integers",
    "float32 upstream": "the cotangent is rounded to float32",
    "upstream ignored": "dx: the cotangent is ignored: it is the gradient for ones",
    "relative error 1e-6": "dx: it is 1.000001 times the right one",
    "height and width swapped": "dx: axes 2 and 3 are swapped",
    "divisor counts no padding": "dx: it is the gradient for count_include_pad=False",
    "sign": "dx: its sign is wrong",
    "alpha forgotten": "dx: it is the gradient for alpha=1.0",
    "scale 1.0507": "dx: it is 0.99999906 times the right one",
    "slope of one": "dx: it is the cotangent itself: the derivative is missing",
    "slope forgotten": "dx: it is the gradient for negative_slope=0.0",
    "divided by the height": "dx: it is multiplied by the extent of axis 3 of x",
}
"""What the report says of a mutant, wherever it is told by the values."""


def layer(kind: str, mutant: Mutant) -> adapt.Functional:
    module = module_of(kind)

    def forward(*inputs: Any, **config: Any) -> tuple[Array, Any]:
        STATE[kind] = Call(kind, np.zeros(0), inputs, config)
        return module.forward(*inputs, **config)[0], (inputs, config)

    def backward(dy: Array, cache: Any) -> Any:
        with np.errstate(all="ignore"):
            return mutant(Call(kind, dy, *cache))

    return adapt.functional(forward, backward, inputs=load_spec(kind).inputs, name=kind)


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, table in MUTANTS.items() for name in table]
)
def test_a_wrong_backward_fails(kind: str, name: str) -> None:
    STATE.clear()
    report = gradcheck.check_layer(kind, layer(kind, MUTANTS[kind][name]))
    assert gradcheck.Verdict.FAIL is report.verdict, str(report)
    assert report.failures[0].reproduce
    if report.failures[0].cause or report.failures[0].check == "differences":
        assert CAUSES.get(name, "") in str(report.failures[0].cause)


def test_an_error_like_no_other_has_no_cause_named() -> None:
    def noisy(call: Call) -> Any:
        rng = np.random.default_rng(call.dy.size)
        return call.spoil(1, lambda g: g + rng.standard_normal(g.shape).astype(g.dtype))

    failure = gradcheck.check_layer("conv2d", layer("conv2d", noisy)).failures[0]
    assert failure.wrt == "weight"
    assert failure.cause is None
    assert failure.jacobian is None or failure.jacobian.output is not None


@pytest.mark.parametrize("kind", MUTANTS)
def test_the_unharmed_twin_passes(kind: str) -> None:
    gradcheck.check_layer(kind, layer(kind, Call.right)).raise_for_verdict()


def test_every_kind_has_five_mutants() -> None:
    assert all(len(table) >= 5 for table in MUTANTS.values())
