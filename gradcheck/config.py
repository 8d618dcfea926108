"""Config: the static, JSON-able settings of a layer, frozen."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any


class Config(Mapping[str, Any]):
    """A frozen, hashable mapping of settings, named as in ``torch.nn.functional``.

    Sequences become tuples, so that ``stride=[2, 1]`` and ``stride=(2, 1)`` are one config.

    Raises
    ------
    TypeError
        If a value cannot be written as JSON: a config must survive a report and a replay.
    """

    __slots__ = ("_hash", "_settings")
    _settings: dict[str, Any]
    _hash: int

    def __init__(self, settings: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        if isinstance(settings, Config) and not more:
            self._settings, self._hash = settings._settings, settings._hash  # frozen: no copy
            return
        merged = {**(settings or {}), **more}
        self._settings = {key: _freeze(key, value) for key, value in sorted(merged.items())}
        self._hash = hash(tuple(self._settings.items()))

    def __getitem__(self, key: str) -> Any:
        return self._settings[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mapping) and self._settings == dict(other)

    def __repr__(self) -> str:
        return f"{{{', '.join(f'{key!r}: {value!r}' for key, value in self._settings.items())}}}"

    def __str__(self) -> str:
        return " ".join(f"{key}={_brief(value)}" for key, value in self._settings.items())

    def to_json(self) -> str:
        """Return the config as one line of JSON, keys in order."""
        return json.dumps(self._settings)


def _freeze(key: str, value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return tuple(_freeze(key, item) for item in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "item"):  # a NumPy scalar
        return _freeze(key, value.item())
    raise TypeError(
        f"config {key}={value!r} is a {type(value).__name__}, which JSON cannot write; "
        "a config holds None, booleans, numbers, strings and tuples of them"
    )


def _brief(value: Any) -> str:
    if isinstance(value, tuple):
        return "x".join(map(_brief, value)) if value else "()"
    return str(value)
