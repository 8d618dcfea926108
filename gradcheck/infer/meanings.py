"""Meanings: what to tell a parameter of a known name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradcheck.adapt._folded import rate
from gradcheck.adapt._settings import Refusal, square
from gradcheck.infer.naming import DICTIONARY, SETTINGS, SIZES, meaning
from gradcheck.infer.scope import Meaning, Scope, pair_of

SCALARS = ("negative_slope", "alpha", "p")


def array(name: str) -> Meaning:
    """Tell an array."""
    return lambda scope: scope.arrays.get(name)


def learning_rate(scope: Scope) -> float:
    """Tell the rate at which a folded optimiser gives the gradient away."""
    return rate(next(a.dtype for a in scope.arrays.values() if a is not None))


def setting(key: str, default: Any) -> Iterator[tuple[str, Meaning]]:
    """Yield the forms in which a setting may be told, the likeliest by its default first."""
    if key == "padding" and isinstance(default, str):
        yield "padding word", _word(default)
        return
    forms = [pair, single] if not isinstance(default, int) else [single, pair]
    if key in SCALARS:
        forms = [single]  # a number for all entries has no axes
    for form in forms:
        yield f"{key} {form.__name__}", formed(key, form)
    if key == "dilation" and default == 0:
        yield "dilation inserted", lambda scope: single("dilation", scope.config["dilation"]) - 1
    if key == "padding" and default is inspect.Parameter.empty:
        yield "padding word", _word("valid")


def formed(key: str, form: Callable[[str, Any], Any]) -> Meaning:
    """Tell a setting in a form."""

    def tell(scope: Scope) -> Any:
        if key == "kernel_size":
            return form(key, scope.window)
        return form(key, scope.config[key])

    return tell


def pair(key: str, value: Any) -> Any:
    """Tell one number for each axis."""
    found = pair_of(value)
    return found if len(found) > 1 else found * 2


def single(key: str, value: Any) -> Any:
    """Tell one number for all axes."""
    return square(key, value, told=True)


def _word(default: str) -> Meaning:
    def tell(scope: Scope) -> str:
        padding, stride = pair_of(scope.config["padding"]), pair_of(scope.config.get("stride", 1))
        dilation = pair_of(scope.config.get("dilation", 1)) * len(scope.window)
        same = tuple(d * (k - 1) for d, k in zip(dilation, scope.window, strict=False))
        padding = padding if len(padding) == len(same) else padding * len(same)
        word = "valid" if not any(padding) else "same"
        if word == "same" and (
            set(stride) != {1} or any(2 * p != s for p, s in zip(padding, same, strict=True))
        ):
            raise Refusal(f"padding={padding}: the layer knows 'same' and 'valid' alone")
        return word.upper() if default.isupper() else word

    return tell


def _shape(axes: slice) -> Meaning:
    return lambda scope: tuple(scope.arrays["x"].shape)[axes]


SIZED: dict[str, list[tuple[str, Meaning]]] = {
    "rows": [("rows", lambda scope: scope.window[0])],
    "columns": [("columns", lambda scope: scope.window[1])],
    "fan_in": [("channels in", lambda scope: scope.fan(1))],
    "fan_out": [("channels out", lambda scope: scope.fan(0))],
    "input_shape": [
        ("shape of a sample", _shape(slice(1, None))),
        ("shape of x", _shape(slice(None))),
        ("shape of a sample", _shape(slice(None))),
        ("channels in", lambda scope: scope.fan(1)),
    ],
    "batch": [("batch", lambda scope: len(scope.arrays["x"]))],
}


KERNELS: list[tuple[str, Meaning]] = [
    ("kernel_size and channels HWIO", lambda scope: (*scope.window, scope.fan(1), scope.fan(0))),
    ("kernel_size and channels OIHW", lambda scope: (scope.fan(0), scope.fan(1), *scope.window)),
]


def is_setting(name: str) -> bool:
    """Tell whether a parameter's name says a setting, a size or a dict of them."""
    return any(meaning(name, table) for table in (SETTINGS, SIZES)) or is_dictionary(name)


def is_dictionary(name: str) -> bool:
    """Tell whether a parameter's name says a dict of settings."""
    return name in DICTIONARY or name.endswith(("_param", "_params", "_config", "hparameters"))


class Hyperparameters(dict[str, Any]):
    """A dict of settings that knows them under every name in use."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        for table in (SETTINGS, SIZES):
            for means, names in table.items():
                for tell in _hyperparameter(means, table):
                    try:
                        value = tell(scope)
                    except (KeyError, IndexError, Refusal):
                        continue
                    self.update(dict.fromkeys(names[:8], value))
                    break
        self["mode"] = "train"
        self.asked = scope.asked

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """Look a setting up."""
        self.asked.add(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        """Take a setting out."""
        self.asked.add(key)
        return super().pop(key, *default)


def _hyperparameter(means: str, table: Mapping[str, Any]) -> list[Meaning]:
    if table is SETTINGS:
        return [formed(means, single)]
    return [tell for _, tell in SIZED[means][:1]] if means in ("rows", "columns") else []
