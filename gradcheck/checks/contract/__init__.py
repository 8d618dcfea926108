"""Contract: dtype, finiteness, purity, and arrays laid out in any way; before any number."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeAlias

from gradcheck import turns
from gradcheck.checks.contract import (
    _aliasing,
    _dtypes,
    _finite,
    _interleaving,
    _layouts,
    _mutation,
    _spread,
    _state,
    _warned,
)

if TYPE_CHECKING:
    from gradcheck.checks.contract._call import Call
    from gradcheck.finding import Finding
    from gradcheck.trial import Trial

Attack: TypeAlias = "Callable[[Trial, Call], Iterator[Finding]]"

EVERYWHERE: tuple[Attack, ...] = (_dtypes.check, _finite.check, _state.check, _aliasing.check)
"""What every case is asked; it costs one pullback."""

IN_TURN: Mapping[str, Attack] = {
    "writable arrays": _mutation.writable,
    "written gradients": _aliasing.written,
    "interleaving": _interleaving.check,
    "warnings": _warned.check,
    "layouts": _layouts.check,
    "stride 0": _spread.check,
}
"""What costs several evaluations, and is asked of one case in `gradcheck.turns.EVERY`."""


def check(trial: Trial) -> Iterator[Finding]:
    """Yield what breaks the contract, in the order in which a user would want to hear it."""
    inputs = {name: trial.point.inputs.get(name) for name in trial.layer.inputs}
    call = yield from _mutation.first(trial, inputs)
    if call is None:
        return
    trial.first = call.kept()
    for attack in EVERYWHERE:
        yield from attack(trial, call)
    for name, attack in IN_TURN.items():
        if turns.due(trial, name):
            yield from attack(trial, call)
