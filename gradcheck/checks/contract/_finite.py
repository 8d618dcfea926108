"""Finite: where a number is due that its dtype holds, the layer answers with a number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck import beyond
from gradcheck.checks.contract._call import Call
from gradcheck.finding import Doubt

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.layer import Array
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Fail on the first infinity or NaN that is needless; doubt a point that is beyond the dtype.

    What a spec draws is not beyond it: there nothing but the oracle excuses.
    """
    if trial.has_oracle or trial.case.given is not None:
        wrong = beyond.needless(trial, call.inputs, call.cotangent, call.results)
    else:
        wrong = beyond.nonfinite(call.results)
    for name, mask in wrong.items():
        told = f"{_place(name, call.results[name], mask)} where a number is due"
        yield trial.failure("contract", name, told)
        return
    if trial.case.given is None:
        return
    for name, odd in beyond.nonfinite(call.results).items():
        trial.beyond = True
        yield Doubt(
            check="contract", wrt=name,
            reason=f"{_place(name, call.results[name], odd)}: the point is beyond "
            f"{trial.case.dtype}",
        )  # fmt: skip
        return


def _place(name: str, array: Array, mask: Array) -> str:
    index = tuple(int(i) for i in np.argwhere(mask)[0])
    what = "forward's output" if name == "output" else f"backward's gradient for {name}"
    place = f"[{', '.join(map(str, index))}]" if index else ""
    return f"{what}{place} is {array[index]}"
