"""The two calls most people need: `check_layer` for a kind of layer, `check` for one point."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.adapt._seeded import Seeded
from gradcheck.campaign import Plan, conduct
from gradcheck.case import DTYPES, Case
from gradcheck.config import Config
from gradcheck.engine import Subject
from gradcheck.fitting import fitted
from gradcheck.floats import is_float
from gradcheck.infer import oracle_of
from gradcheck.infer.inferred import Inferred
from gradcheck.omission import Filled, Omission
from gradcheck.profiles import PROFILES
from gradcheck.registry import entries, load_layer, load_spec

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from gradcheck.layer import Array, Layer
    from gradcheck.report import LayerReport
    from gradcheck.spec import Oracle, Spec


def check_layer(
    spec: str | Spec | None = None,
    layer: Layer | None = None,
    *,
    inputs: SearchStrategy[Any] | None = None,
    against: Layer | None = None,
    examples: int = 200,
    seed: int = 0,
    fixed: Mapping[str, Any] | None = None,
    where: Callable[[Mapping[str, Any]], bool] | None = None,
    case: Case | None = None,
    omit: Collection[str] = (),
) -> LayerReport:
    """Check a layer on generated cases.

    Parameters
    ----------
    spec : str or Spec, optional
        The contract to hold the layer against, by its registered name (``"conv2d"``) or itself.
    layer : Layer, optional
        The layer, from an adapter. Without one, the layer that this project ships for the spec.
    inputs : SearchStrategy, optional
        Without a spec: draws a dict of arrays by input name, or a `Case`.
    against : Layer, optional
        A second implementation used as the oracle instead of the spec's.
    examples : int
        Number of cases.
    seed : int
        Seed of everything drawn.
    fixed : Mapping, optional
        Config keys or facts of the case to pin, such as ``{"groups": 1}``.
    where : callable, optional
        Predicate on those facts, for layers that support a part of the contract.
    case : Case, optional
        Replay this case alone, as a failure's ``reproduce`` says.
    omit : collection of str, optional
        Inputs for which the layer gives no gradient, on purpose: ``("x",)`` for a first layer. The
        report says that they were not checked.

    Returns
    -------
    LayerReport
        With ``verdict``, ``failures`` and ``raise_for_verdict()``.

    Raises
    ------
    ValueError
        If neither a spec nor inputs are given, or a layer's inputs are not the spec's.
    UnknownName
        If no spec of that name is registered; the message gives the known ones.
    """
    return conduct(
        planned(
            spec, layer, inputs=inputs, against=against, examples=examples, seed=seed, fixed=fixed,
            where=where, case=case, omit=omit,
        )
    )  # fmt: skip


def planned(
    spec: str | Spec | None, layer: Layer | None, *, inputs: SearchStrategy[Any] | None = None,
    against: Layer | None = None, examples: int = 200, seed: int = 0,
    fixed: Mapping[str, Any] | None = None,
    where: Callable[[Mapping[str, Any]], bool] | None = None, case: Case | None = None,
    omit: Collection[str] = (),
) -> Plan:  # fmt: skip
    """Return how `check_layer` goes about what it was asked."""
    if spec is None and inputs is None:
        raise ValueError(
            "check_layer needs a spec (such as 'conv2d') or a strategy of inputs; got neither. "
            "To check one point, call gradcheck.check(layer, x=...)"
        )
    if spec is None and layer is None:
        raise ValueError("check_layer needs a layer to check where it is given inputs but no spec")
    contract = load_spec(spec) if isinstance(spec, str) else spec
    origin = ""
    if layer is None:
        assert contract is not None  # neither a layer nor a spec was refused above
        layer, _, entry = load_layer(_shipped(contract.name))
        origin = entry.origin
    known = layer if isinstance(layer, Inferred) else None
    if contract and (unknown := sorted(set(omit) - set(contract.inputs))):
        raise ValueError(f"omit={unknown[0]!r}: {contract.name} is about {contract.inputs}")
    layer = layer if contract is None else fitted(layer, contract, omit)
    layer = layer if origin or known else Seeded(layer)  # what was inferred seeds itself
    oracle, missing = _oracle(contract, against)
    if known and known.unanswered and against is None:
        oracle, missing = None, known.unanswered
    stand_in: Any = (known.oracle if known else None) or oracle
    stand_in = oracle_of(contract) if stand_in is None and contract else stand_in
    oracle = stand_in if known and known.oracle and oracle and not against else oracle
    omission = _omission(known, omit)
    if omission.names:
        layer = _filled(layer, contract, stand_in, omission)
    return Plan(
        subject=Subject(
            layer=layer, spec=contract, oracle=oracle, omission=omission, refusals=not origin
        ),
        examples=examples,
        profile=replace(PROFILES["default"], examples=examples, seed=seed),
        seed=seed,
        fixed={**(known.fixed if known else {}), **(fixed or {})},
        where=where,
        narrow=known.narrow if known else None,
        suspect=known.suspect if known else None,
        assumed=known.assumed if known else (),
        strategy=None if contract else _as_cases(inputs, layer),
        case=case,
        origin=origin,
        command=_call(spec, examples, seed),
        missing_oracle=missing,
    )


def check(
    layer: Layer,
    *,
    config: Mapping[str, Any] | None = None,
    seed: int = 0,
    against: Layer | None = None,
    **inputs: Array | None,
) -> LayerReport:
    """Check a layer at one point: no spec, no torch.

    Parameters
    ----------
    layer : Layer
        The layer, from an adapter.
    config : Mapping, optional
        Its config.
    seed : int
        Seed of the cotangent and the tangents.
    against : Layer, optional
        A second implementation used as oracle.
    **inputs : ndarray or None
        The point, by input name.

    Returns
    -------
    LayerReport
        The same type as `check_layer` returns.

    Raises
    ------
    ValueError
        If an input is unknown, or no input is an array of floats.
    """
    return conduct(at_point(layer, config=config, seed=seed, against=against, **inputs))


def at_point(
    layer: Layer, *, config: Mapping[str, Any] | None = None, seed: int = 0,
    against: Layer | None = None, **inputs: Array | None,
) -> Plan:  # fmt: skip
    """Return how `check` goes about what it was asked."""
    if unknown := sorted(set(inputs) - set(layer.inputs)):
        raise ValueError(f"{layer.name} has no input {unknown[0]!r}; its inputs are {layer.inputs}")
    case = _given_case(layer, inputs, config, seed)
    return Plan(
        subject=Subject(layer=Seeded(layer), oracle=against), examples=1, seed=seed, case=case,
        dtypes=(case.dtype,), command=f"gradcheck.check(layer, seed={seed}, ...",
    )  # fmt: skip


def _given_case(
    layer: Layer, inputs: Mapping[str, Any], config: Mapping[str, Any] | None, seed: int
) -> Case:
    arrays = {name: None if a is None else np.asarray(a) for name, a in inputs.items()}
    arrays |= _own(layer, arrays)
    present = {name: a for name, a in arrays.items() if a is not None}
    floats = {str(a.dtype) for a in present.values() if is_float(a.dtype)}
    for name, array in present.items():
        if not is_float(array.dtype):
            raise ValueError(
                f"input {name} has dtype {array.dtype}; a gradient needs floats: "
                f"pass {name}.astype(float)"
            )
    if len(floats) != 1:
        raise ValueError(
            f"the inputs of {layer.name} have dtypes {sorted(floats)}; pass arrays of one dtype"
            if floats
            else f"no input was given; pass {' and '.join(f'{n}=...' for n in layer.inputs)}"
        )
    (dtype,) = floats
    if dtype not in DTYPES:
        raise ValueError(
            f"the inputs of {layer.name} have dtype {dtype}, of which no rounding is known: pass "
            f"one of {', '.join(DTYPES)}"
        )
    return Case(
        config=Config(config),
        shapes={name: None if a is None else a.shape for name, a in arrays.items()},
        dtype=dtype,
        seed=seed,
        given={name: arrays.get(name) for name in layer.inputs},
    )


def _own(layer: Layer, arrays: Mapping[str, Array | None]) -> dict[str, Array]:
    """Return what the layer comes with for the inputs that are not given, in their dtype."""
    own: Mapping[str, Array] = getattr(layer, "own", {})
    dtypes = [a.dtype for a in arrays.values() if a is not None and is_float(a.dtype)]
    return {n: a.astype(dtypes[0]) for n, a in own.items() if n not in arrays and dtypes}


def _as_cases(inputs: SearchStrategy[Any] | None, layer: Layer) -> SearchStrategy[Case] | None:
    if inputs is None:
        return None

    def as_case(drawn: Any) -> Case:
        if not isinstance(drawn, Case):
            return _given_case(layer, drawn, None, 0)
        if drawn.given is None:
            raise ValueError("without a spec a Case brings its inputs: Case(given={'x': ...})")
        return drawn

    return inputs.map(as_case)


def _oracle(spec: Spec | None, against: Layer | None) -> tuple[Oracle | Layer | None, str | None]:
    if against is not None:
        return (against if spec is None else fitted(against, spec)), None
    if spec is None or spec.oracle is None:
        return None, spec.no_oracle_because or None if spec else None
    missing = spec.oracle.missing()
    return (None, missing) if missing else (spec.oracle, None)


def _omission(known: Inferred | None, omit: Collection[str]) -> Omission:
    """Return the gradients that are not given, and whether all of that was said."""
    found = known.omitted if known else ()
    meant = {*omit, *(known.spared if known else ())}
    return Omission(tuple(dict.fromkeys((*found, *omit))), declared=meant.issuperset(found))


def _filled(layer: Layer, spec: Spec | None, oracle: Any, omission: Omission) -> Layer:
    """Return the layer with something in the place of gradients that are not given."""
    inputs = spec.inputs if spec else layer.inputs
    if set(omission.names) == set(inputs):
        raise ValueError(f"{layer.name} gives no gradient at all: there is nothing to check")
    if oracle is None:
        raise ValueError(
            f"{omission}, and there is no oracle to stand in for it: "
            "make it a constant of the layer instead"
        )
    return Filled(layer, oracle, omission.names, inputs)


def _shipped(spec: str) -> str:
    """Return the qualified name of the layer that this project ships for a spec."""
    ours = [e for e in entries("layers") if e.package == "gradcheck" and e.name == spec]
    return ours[0].qualified if ours else spec


def _call(spec: str | Spec | None, examples: int, seed: int) -> str:
    """Return the Python call that makes the same report, without its closing parenthesis."""
    return f"gradcheck.check_layer({_argument(spec)}, layer, examples={examples}, seed={seed}"


def _argument(spec: str | Spec | None) -> str:
    return repr(spec) if isinstance(spec, str) else "None" if spec is None else spec.name
