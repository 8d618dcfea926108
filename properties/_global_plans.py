"""What the cases of the global pools are drawn from."""

from __future__ import annotations

from ._class import having
from ._extent_plans import DTYPE, IMAGES, POOLED, pooled_shapes, read
from ._plan import Plan

GLOBAL_AVERAGE = Plan(
    spec="global_avg_pool2d",
    facts={"dtype": DTYPE, "data": ("plain",)},
    sizes=IMAGES,
    shapes=pooled_shapes,
    read=read,
    classes=POOLED,
)

GLOBAL_MAXIMUM = Plan(
    spec="global_max_pool2d",
    facts={"dtype": DTYPE, "data": ("plain", "negative")},
    sizes=IMAGES,
    shapes=pooled_shapes,
    read=read,
    classes=(*POOLED, having("negative data", data="negative")),
)
