"""What the cases of convolutions with any border are drawn from.

Padding by a name or by pairs, and its mode, are settings of the whole image; where windows lie
along an axis is what the cases of `conv2d` vary, so here all axes have one stride and dilation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._class import DTYPES, Class, equal, having
from ._plan import Plan
from ._table import Row

if TYPE_CHECKING:
    from gradcheck.case import Case

MODES = ("zeros", "reflect", "replicate", "circular")

SIZES = {
    "batch": (1, 2),
    "groups": (1, 2),
    "fan_in": (1, 2),
    "fan_out": (1, 2),
    "size": (3, 4),
    "wider": (0, 1),
    "kernel": (1, 2, 3),
    "longer": (0, 1),
    "stride": (1, 2),
    "dilation": (1, 2),
}
"""``wider`` and ``longer`` are what the last axis of image and kernel has more than the others.

No side of an image is shorter than 3, since a mirror is at most as long as what it shows.
"""

SIZES_OF = {
    1: {**SIZES, "size": (3, 4, 5), "wider": (0,), "longer": (0,)},
    2: SIZES,
    3: {**SIZES, "size": (3,), "kernel": (1, 2), "groups": (1,)},
}
"""By the number of axes: one alone is the first and the last, and volumes have many entries."""

PAIRS = ((1, 0), (0, 2), (2, 1))
NUMBERS = (2, 0, 1)


def sides(padding: Any, kernel: tuple[int, ...], dilation: int) -> list[tuple[int, int]]:
    """Return the places before and after each axis; of an odd number the far side has one more."""
    if padding == "valid":
        return [(0, 0)] * len(kernel)
    if padding == "same":
        totals = [dilation * (k - 1) for k in kernel]
        return [(total // 2, total - total // 2) for total in totals]
    if isinstance(padding, int):
        return [(padding, padding)] * len(kernel)
    return [side if isinstance(side, tuple) else (side, side) for side in padding]


def bordered(axes: int) -> Plan:
    """Return the plan of convolutions along so many axes."""
    paddings = ("valid", 1, "same", NUMBERS[:axes], PAIRS[:axes], PAIRS[::-1][:axes])
    return Plan(
        spec=f"padded_conv{axes}d",
        config=("stride", "padding", "padding_mode", "dilation", "groups"),
        facts={
            "padding": paddings,
            "padding_mode": MODES,
            "bias": (False, True),
            "dtype": ("float64", "float32"),
            "data": ("plain",),
        },
        sizes=SIZES_OF[axes],
        coherent=_coherent,
        derived={"stride": _stride},
        shapes=_shapes(axes),
        output=_output(axes),
        read=_read,
        classes=(
            *map(_mode, MODES),
            having("padding='valid'", padding="valid"),
            having("padding='same'", padding="same"),
            Class(
                name="padding='same', one more on the far side",
                facts=equal(padding="same"),
                sizes=lambda s: s.dilation * (s.kernel - 1) % 2 == 1,
            ),
            Class(name="before != after", facts={"padding": _is_pairs}),
            Class(
                name="before != after, not of zeros",
                facts={"padding": _is_pairs, "padding_mode": lambda mode: mode != "zeros"},
            ),
            Class(name="batch > 1", sizes=lambda s: s.batch > 1),
            *[Class(name="groups > 1", sizes=lambda s: s.groups > 1)] * (axes < 3),
            Class(name="stride > 1", sizes=lambda s: s.stride > 1, facts={"padding": _strides}),
            Class(name="dilation > 1", sizes=lambda s: s.dilation > 1),
            Class(name="even kernel", sizes=lambda s: (s.kernel == 2) & (s.longer == 0)),
            having("no bias", bias=False),
            having("non-zero bias", bias=True),
            *DTYPES,
        ),
    )


def _coherent(table: Any) -> Any:
    """Demand that a window fits without any padding, so that every padding goes with every size."""
    last = table.dilation * (table.kernel + table.longer - 1) + 1
    return (table.dilation * (table.kernel - 1) + 1 <= table.size) & (
        last <= table.size + table.wider
    )


def _stride(sizes: Row, facts: dict[str, Any]) -> int:
    """Return the stride, which is 1 where the size is to stay the same."""
    return 1 if facts["padding"] == "same" else int(sizes.stride)


def _image(sizes: Any, axes: int) -> list[Any]:
    return [*(sizes.size,) * (axes - 1), sizes.size + sizes.wider]


def _kernel(sizes: Any, axes: int) -> list[Any]:
    return [*(sizes.kernel,) * (axes - 1), sizes.kernel + sizes.longer]


def _shapes(axes: int) -> Any:
    def shapes(sizes: Any, *_: Any) -> dict[str, tuple[Any, ...]]:
        c_in, c_out = sizes.groups * sizes.fan_in, sizes.groups * sizes.fan_out
        image = _image(sizes, axes)
        return {
            "x": (sizes.batch, c_in, *image),
            "weight": (c_out, sizes.fan_in, *_kernel(sizes, axes)),
            "bias": (c_out,),
            "output": (sizes.batch, c_out, *(n + 2 for n in image)),  # at most
        }

    return shapes


def _output(axes: int) -> Any:
    def output(sizes: Row, facts: dict[str, Any]) -> tuple[int, ...]:
        kernel, stride = tuple(_kernel(sizes, axes)), _stride(sizes, facts)
        around = sides(facts["padding"], kernel, sizes.dilation)
        windows = [
            (n + sum(side) - sizes.dilation * (k - 1) - 1) // stride + 1
            for n, k, side in zip(_image(sizes, axes), kernel, around, strict=True)
        ]
        return (sizes.batch, sizes.groups * sizes.fan_out, *windows)

    return output


def _read(case: Case) -> Row:
    groups, (batch, _, *image) = case.config["groups"], case.shape("x")
    c_out, fan_in, *kernel = case.shape("weight")
    return Row(
        batch=batch, groups=groups, fan_in=fan_in, fan_out=c_out // groups,
        size=image[0], wider=image[-1] - image[0],
        kernel=kernel[0], longer=kernel[-1] - kernel[0],
        stride=case.config["stride"], dilation=case.config["dilation"],
    )  # fmt: skip


def _mode(mode: str) -> Class:
    facts = {**equal(padding_mode=mode), "padding": lambda padding: padding != "valid"}
    return Class(name=f"padding of {mode}", facts=facts)


def _is_pairs(padding: Any) -> bool:
    return isinstance(padding, tuple) and isinstance(padding[0], tuple)


def _strides(padding: Any) -> bool:
    return bool(padding != "same")
