"""Registry: layers, specs and reporters, found through entry points - the third party's door."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import Distribution

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
        """Import the entry point: a layer or a spec, or what gives one; raises as `target` does."""
        target = self.target()
        return target if _is_made(target) else self._guarded(target)

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
    of = cache(_distribution)  # which reads a file each time that it is asked
    for point in entry_points(group=f"gradcheck.{kind}"):
        package, version = of(point.dist)
        found[package, point.name] = Entry(point.name, package, version, point)
    return [found[key] for key in sorted(found, key=lambda key: (key[1], key[0]))]


def _distribution(found: Distribution | None) -> tuple[str, str]:
    """Return name and version of what registers an entry."""
    return (found.name, found.version) if found else ("?", "?")


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


@dataclass(frozen=True)
class Registered:
    """A layer from an adapter, and the name of the spec that it is held against.

    What an entry point of the group ``gradcheck.layers`` gives, where the layer is not called as
    its spec is.

    Examples
    --------
    >>> from gradcheck import adapt
    >>> twice = adapt.functional(lambda x: (2 * x, None), lambda dy, _: 2 * dy)
    >>> Registered(twice, spec="linear").inputs
    ('x',)
    """

    layer: Layer
    spec: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return self.layer.inputs


def load_layer(name: str) -> tuple[Layer, str, Entry]:
    """Return a registered layer in its normal form, the name of its spec, and its entry.

    A layer that names no spec is held against the one that has its name; the package's own comes
    first.
    """
    entry = find("layers", name)
    made = entry.load()
    spec = getattr(made, "spec", entry.name)
    if not _is_made(made) or not isinstance(spec, str):
        raise LoadError(
            f"{entry.qualified}: {made!r:.80} is no layer; give gradcheck.Registered(layer, spec)"
        )
    return _named(made, entry.name), _nearest(spec, entry.package), entry


def _is_made(target: Any) -> bool:
    """Tell a layer or a spec from what gives one."""
    return isinstance(getattr(target, "inputs", None), tuple) and not isinstance(target, type)


def _named(made: Any, name: str) -> Layer:
    """Return the layer in its normal form under the name of its entry, where it takes one."""
    from gradcheck.adapt import functional

    if isinstance(made, Registered):
        made = made.layer
    if not callable(made):
        return functional(made.forward, made.backward, inputs=made.inputs, name=name)
    own = is_dataclass(made) and any(field.name == "name" for field in fields(made))
    layer: Layer = replace(made, name=name) if own else made
    return layer


def _nearest(spec: str, package: str) -> str:
    """Return the name of a spec, qualified where another package has one of the name as well."""
    among = [entry for entry in entries("specs") if entry.name == spec]
    own = [entry.qualified for entry in among if entry.package == package]
    return own[0] if own and len(among) > 1 else spec


def load_spec(name: str) -> Spec:
    """Return a registered spec."""
    from gradcheck.spec import Spec

    entry = find("specs", name)
    spec = entry.load()
    if not isinstance(spec, Spec):
        raise LoadError(f"{entry.qualified}: {spec!r:.80} is no gradcheck.Spec")
    return spec
