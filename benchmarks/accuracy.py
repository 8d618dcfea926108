"""How exact activations and losses are, ours and torch's, in units in the last place.

Against mpmath: forward and derivative, float64 and float32, at random bit patterns, numbers of
usual size and the ends of the range. Numbers that overflow or underflow in truth are left out. A
share above 1 means more than (4 + 2k) units in the last place, k the condition. With --write the
table of docs/accuracy.md is made anew.

    python benchmarks/accuracy.py [--points N] [--write]
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import torch.nn.functional as F  # noqa: N812 - its customary name
from _truth import ROWS, Errors, Row, errors, points, truth

DOCUMENT = Path(__file__).parents[1] / "docs" / "accuracy.md"
HEAD = """# Accuracy

Errors of activations and losses against mpmath at 50 digits, in units in the last place (ULP), ours
and torch {torch}'s side by side: worst, mean, and the worst as a share of what is allowed, (4 + 2k)
ULP with k the condition, abs(x f'(x) / f(x)), of f' and f'' for the derivative. In each row are
{points} random bit patterns, denormal numbers among them, {points} numbers of usual size, {points}
from -8 to 8, and the ends of the range. What stands beside x (a target, the other logits) is named
in the row, the output and the gradient are those of x, and losses are taken without a reduction.
Where the truth itself overflows or underflows nothing is counted; `inf` is an infinity or NaN where
the truth is a number. `python benchmarks/accuracy.py --write` makes this table;
`tests/reference/test_condition.py` holds the layers to it.

One derivative is worse at places: that of gelu with tanh has a minimum near -1.6, where two terms
of opposite sign, as uncertain as the exponential in them, add to less than either. Of 3000 points
from -2.2 to -0.9 three in a thousand take more than is allowed, up to 1.3 times as much (of torch's
25 in a thousand, up to 1.7 times).

| layer | dtype | of | ours: worst | mean | share | torch's: worst | mean | share |
| --- | --- | --- | --: | --: | --: | --: | --: | --: |
"""


FUNCTIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "soft_cross_entropy": F.cross_entropy}


def theirs(row: Row, x: Any) -> tuple[Any, Any]:
    leaves = [torch.tensor(a, requires_grad=a.dtype.kind == "f") for a in row.inputs(x)]
    function = FUNCTIONS.get(row.layer) or getattr(F, row.layer)
    y = function(*leaves, **row.config)[row.of]
    y.sum().backward()
    return y.detach().numpy(), leaves[0].grad[row.by].numpy()


def said(found: Errors) -> str:
    numbers = found.ulps.max(), found.ulps.mean(), found.share.max()
    return " | ".join(f"{number:.2g}" for number in numbers)


def lines(row: Row, dtype: str, count: int) -> list[str]:
    x = points(dtype, count, row)
    exact = list(zip(*(truth(row, place) for place in x.tolist()), strict=True))
    sides = [row.ours(x), theirs(row, x)]
    table = []
    for order, of in enumerate(("f", "f'")):
        cells = [said(errors(x, s[order], exact[order], exact[order + 1])) for s in sides]
        table.append(f"| {row.name} | {dtype} | {of} | {' | '.join(cells)} |")
    return table


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--points", type=int, default=400)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    text = HEAD.format(torch=torch.__version__.partition("+")[0], points=asked.points // 2)
    print(text, end="")
    for row in ROWS:
        for dtype in ("float64", "float32"):
            for line in lines(row, dtype, asked.points):
                print(line, flush=True)
                text += line + "\n"
    if asked.write:
        DOCUMENT.write_text(text)
