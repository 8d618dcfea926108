"""Names of layers, as people give them and as a run takes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from gradcheck import registry
from gradcheck.spec import Multilinear

if TYPE_CHECKING:
    from gradcheck.case import Case
    from gradcheck.spec import Spec


def every(package: str | None = None) -> list[str]:
    """Return the names of all registered layers, or of those that one package ships.

    Qualified as ``package:name`` where two packages share a name.
    """
    known = registry.entries("layers")
    times = Counter(entry.name for entry in known)
    wanted = [entry for entry in known if package in (None, entry.package)]
    return [entry.name if times[entry.name] == 1 else entry.qualified for entry in wanted]


def checked(names: Sequence[str]) -> list[str]:
    """Return the names, each once, after making sure that each is a registered layer's."""
    for name in names:
        find("layers", name)
    return list(dict.fromkeys(names))


def find(kind: str, name: str) -> registry.Entry:
    """Find an entry; a name that is unknown or ambiguous is wrong usage."""
    try:
        return registry.find(kind, name)
    except (registry.UnknownName, registry.AmbiguousName) as error:
        raise click.UsageError(str(error)) from None


def require_fit(case: Case, name: str) -> None:
    """Refuse a case that lacks a shape; ``None`` stands for an absent input's."""
    try:
        _, spec, _ = registry.load_layer(name)
        contract = registry.load_spec(spec)
    except (registry.LoadError, registry.UnknownName):
        return  # an ERROR of this layer, which the run reports
    require_shapes(case, contract, name)


def require_shapes(case: Case, contract: Spec, name: str = "") -> None:
    """Refuse a case that lacks a shape which a spec needs."""
    inputs = contract.inputs
    needed = contract.pattern is not None or isinstance(contract.form, Multilinear)
    asked = (*inputs, "output") if needed else inputs
    if missing := [wanted for wanted in asked if wanted not in case.shapes]:
        raise click.UsageError(
            f"--case: the case gives no shape of {', '.join(missing)}; "
            f"{name or contract.name} takes {', '.join(inputs)} (null for an absent one) and "
            "gives output"
        )


def require_oracles(names: Iterable[str]) -> None:
    """Refuse to run where a layer's oracle cannot be asked."""
    for name in names:
        try:
            _, spec, _ = registry.load_layer(name)
            oracle = registry.load_spec(spec).oracle
        except (registry.LoadError, registry.UnknownName):
            continue  # an ERROR of this layer, which the run reports
        if oracle is not None and (why := oracle.missing()):
            raise click.UsageError(
                f"--oracle required, but the oracle of {name} ({oracle.name}) is missing: {why}"
            )
