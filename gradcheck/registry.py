"""Registry: layers, specs and reporters, found through entry points - the third party's door."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck.layer import Layer
    from gradcheck.spec import Spec

OURS = "gradcheck"


class UnknownName(LookupError):  # noqa: N818 - names what it is
    """A name that nobody registered; the message lists the known ones and the closest."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        known = sorted(known)
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]!r}?" if close else ""
        super().__init__(f"no {kind} is called {name!r}.{hint} Known: {', '.join(known) or 'none'}")


class AmbiguousName(LookupError):  # noqa: N818 - names what it is
    """A name that several packages registered."""

    def __init__(self, kind: str, name: str, matches: Iterable[Entry]) -> None:
        choices = " or ".join(entry.qualified for entry in matches)
        super().__init__(f"several packages register a {kind} {name!r}; ask for {choices}")


class LoadError(Exception):
    """An entry point that does not import, or does not give what it promises."""


@dataclass(frozen=True)
class Entry:
    """One registered name, not yet imported."""

    name: str
    package: str
    version: str
    point: EntryPoint

    @property
    def qualified(self) -> str:
        """``package:name``, asked for where two packages register one name."""
        return f"{self.package}:{self.name}"

    @property
    def origin(self) -> str:
        """Distribution and version that registered it."""
        return f"{self.package} {self.version}"

    def target(self) -> Any:
        """Import the entry point: the factory that it names.

        Raises
        ------
        LoadError
            With the entry, its target and what went wrong.
        """
        return self._guarded(self.point.load)

    def load(self) -> Any:
        """Import the entry point and call it with no arguments; raises as `target` does."""
        return self._guarded(self.target())

    def _guarded(self, call: Callable[[], Any]) -> Any:
        try:
            return call()
        except LoadError:
            raise
        except Exception as error:
            raise LoadError(
                f"{self.qualified} ({self.point.value}) does not load: "
                f"{type(error).__name__}: {error}"
            ) from error


def entries(kind: str) -> list[Entry]:
    """Return the entries of ``"layers"``, ``"specs"`` or ``"reporters"``, sorted by name."""
    found = {}
    for point in entry_points(group=f"gradcheck.{kind}"):
        package = point.dist.name if point.dist else "?"
        version = point.dist.version if point.dist else "?"
        found[package, point.name] = Entry(point.name, package, version, point)
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0]))]


def find(kind: str, name: str) -> Entry:
    """Return the entry called ``name``, plain or qualified as ``package:name``.

    Raises
    ------
    UnknownName
        If nobody registered the name.
    AmbiguousName
        If several packages registered it; the message gives the qualified names.
    """
    known = entries(kind)
    matches = [entry for entry in known if name in (entry.name, entry.qualified)]
    if not matches:
        raise UnknownName(kind.removesuffix("s"), name, {entry.name for entry in known})
    if len(matches) > 1:
        raise AmbiguousName(kind.removesuffix("s"), name, matches)
    return matches[0]


def load_layer(name: str) -> tuple[Layer, str, Entry]:
    """Return a registered layer in its normal form, the name of its spec, and its entry."""
    from gradcheck.adapt import functional

    entry = find("layers", name)
    made = entry.load()
    spec = getattr(made, "spec", None)
    if not isinstance(spec, str):
        raise LoadError(f"{entry.qualified}: a registered layer names its spec; {made!r} does not")
    if callable(made):
        return made, spec, entry
    layer = functional(made.forward, made.backward, inputs=made.inputs, name=entry.name)
    return layer, spec, entry


def load_spec(name: str) -> Spec:
    """Return a registered spec."""
    spec: Spec = find("specs", name).load()
    return spec
