"""Finite: where the oracle answers with a number, so does the layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from gradcheck.checks.contract._call import Call

if TYPE_CHECKING:
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial


def check(trial: Trial, call: Call) -> Iterator[Finding]:
    """Fail on the first infinity or NaN that is not the oracle's; ask it only where there is one.

    Without an oracle every entry has to be a number.
    """
    wrong = {name: ~np.isfinite(array) for name, array in call.results.items()}
    if not any(map(np.any, wrong.values())):
        return
    answer = trial.ask(call.inputs, call.cotangent)
    trusted = {} if answer is None else {"output": answer[0], **answer[1]}
    for name, array in call.results.items():
        if name in trusted:
            wrong[name] &= np.isfinite(trusted[name])
        if np.any(wrong[name]):
            index = tuple(int(i) for i in np.argwhere(wrong[name])[0])
            what = "forward's output" if name == "output" else f"backward's gradient for {name}"
            place = f"[{', '.join(map(str, index))}]" if index else ""
            yield trial.failure(
                "contract", name, f"{what}{place} is {array[index]} where a number is due"
            )
