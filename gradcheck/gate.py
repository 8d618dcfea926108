"""Gate: what a contributor's change lacks beyond a wrong gradient; pure functions and one survey.

A complaint is a sentence that says what is missing and how to mend it.
"""

from __future__ import annotations

import importlib.util
import pkgutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradcheck import registry

if TYPE_CHECKING:
    from gradcheck.report import LayerReport
    from gradcheck.spec import Spec

REFERENCE = "gradcheck.reference"


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What is there to be held against what should be.

    Attributes
    ----------
    modules : tuple of str
        Public modules of the package of hand-written layers; a package inside it (optimisers)
        holds what is no layer.
    registered : tuple of str
        Modules that the entry points of ``gradcheck.layers`` name.
    wanted : Mapping[str, str]
        The spec that each layer names, for the layers that load.
    known : tuple of str
        Names of the registered specs.
    specs : tuple of Spec
        Those wanted specs that load.
    """

    modules: tuple[str, ...]
    registered: tuple[str, ...]
    wanted: Mapping[str, str]
    known: tuple[str, ...]
    specs: tuple[Spec, ...]

    @property
    def complaints(self) -> list[str]:
        """What is missing before anything is run."""
        return [
            *unregistered(self.modules, self.registered),
            *without_spec(self.wanted, self.known),
            *without_oracle(self.specs),
        ]

    @property
    def unchecked(self) -> set[str]:
        """Layers that have no spec to be held against."""
        return {layer for layer, spec in self.wanted.items() if spec not in self.known}


def unregistered(modules: Iterable[str], registered: Iterable[str]) -> list[str]:
    """Complain of each module of layers that no entry point names.

    Examples
    --------
    >>> from gradcheck.gate import unregistered
    >>> unregistered(["gradcheck.reference.relu"], ["gradcheck.reference.relu"])
    []
    """
    return [
        f"{module} is registered as no layer, so nothing checks it. Add "
        f'{module.rpartition(".")[2]} = "{module}:layer" to '
        '[project.entry-points."gradcheck.layers"] in pyproject.toml and install again; '
        "a helper's name begins with an underscore."
        for module in sorted(set(modules) - set(registered))
    ]


def without_spec(wanted: Mapping[str, str], known: Iterable[str]) -> list[str]:
    """Complain of each layer whose spec nobody registered."""
    known = set(known)
    return [
        f"layer {layer} is held against the spec {spec!r}, which nobody registered. Write it in "
        'properties/ and add it to [project.entry-points."gradcheck.specs"] in pyproject.toml, '
        f"or name one of: {', '.join(sorted(known)) or 'none is registered'}."
        for layer, spec in wanted.items()
        if spec not in known
    ]


def without_oracle(specs: Iterable[Spec]) -> list[str]:
    """Complain of each spec that has neither an oracle that answers nor a reason for none."""
    complaints = []
    for spec in specs:
        if spec.oracle is None and not spec.no_oracle_because.strip():
            complaints.append(
                f"spec {spec.name} has no oracle and no reason for that. Give it an oracle, or "
                "say why there is none in no_oracle_because."
            )
        elif spec.oracle is not None and (why := spec.oracle.missing()):
            complaints.append(f"spec {spec.name}: the oracle {spec.oracle.name} is missing: {why}.")
    return complaints


def not_covered(reports: Iterable[LayerReport]) -> list[str]:
    """Complain of each class of configurations that no case fell into and nobody left out."""
    complaints = []
    for report in reports:
        missed = [c.name for c in report.coverage if not c.covered and c.left_out is None]
        if missed:
            complaints.append(
                f"layer {report.layer}: no case of {'; '.join(missed)}. Make the spec's cases "
                "reach the class, or run more examples."
            )
    return complaints


def survey(layers: Iterable[str]) -> Survey:
    """Look at what is installed, for the layers named."""
    wanted = _wanted(layers)
    known = [name for e in registry.entries("specs") for name in (e.name, e.qualified)]
    return Survey(
        modules=tuple(_public_modules(REFERENCE)),
        registered=tuple(entry.point.module for entry in registry.entries("layers")),
        wanted=wanted,
        known=tuple(known),
        specs=tuple(_specs(name for name in wanted.values() if name in known)),
    )


def _public_modules(package: str) -> list[str]:
    """List modules without importing them: one that does not import is found all the same."""
    found = importlib.util.find_spec(package)
    paths = (found.submodule_search_locations if found else None) or []
    names = [module.name for module in pkgutil.iter_modules(paths) if not module.ispkg]
    return [f"{package}.{name}" for name in names if not name.startswith("_")]


def _wanted(layers: Iterable[str]) -> dict[str, str]:
    wanted = {}
    for layer in layers:
        try:
            wanted[layer] = registry.load_layer(layer)[1]
        except registry.LoadError:
            continue  # the run reports it as an ERROR of this layer
    return wanted


def _specs(names: Iterable[str]) -> list[Spec]:
    specs = []
    for name in dict.fromkeys(names):
        try:
            specs.append(registry.load_spec(name))
        except registry.LoadError:
            continue  # the same
    return specs
