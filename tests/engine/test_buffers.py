"""Buffers too narrow, casts to integers: seen by differences alone, where no oracle helps."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from gradcheck import Verdict, adapt
from gradcheck.bounds import EXACT, mantissa_bits
from gradcheck.case import Case
from gradcheck.config import Config
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.lattice import draw
from gradcheck.registry import load_spec
from gradcheck.spec import Multilinear

Array = npt.NDArray[Any]
Change = Callable[[Array], Array]

SLIDING = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 1)}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "linear": ({"x": (3, 5), "weight": (4, 5), "bias": (4,), "output": (3, 4)}, {}),
    "conv2d": (
        {"x": (2, 2, 5, 4), "weight": (3, 2, 3, 2), "bias": (3,), "output": (2, 3, 3, 3)},
        {**SLIDING, "groups": 1},
    ),
    "relu": ({"x": (4, 5), "output": (4, 5)}, {}),
    "max_pool2d": (
        {"x": (2, 2, 6, 5), "output": (2, 2, 3, 4)},
        {**SLIDING, "kernel_size": (3, 2), "ceil_mode": False},
    ),
}


def narrowed(dtype: str) -> Change:
    return lambda a: np.asarray(a).astype(dtype).astype(a.dtype)


def examined(kind: str, upstream: Change, downstream: Change, dtype: str, seed: int) -> Outcome:
    module, spec = import_module(f"gradcheck.reference.{kind}"), load_spec(kind)

    def backward(dy: Array, cache: Any) -> Any:
        with np.errstate(all="ignore"):
            found = module.backward(upstream(dy), cache)
            return tuple(map(downstream, found if isinstance(found, tuple) else (found,)))

    shapes, config = CASES[kind]
    layer = adapt.functional(module.forward, backward, inputs=spec.inputs, name=kind)
    case = Case(config=Config(config), shapes=shapes, dtype=dtype, seed=seed)
    return examine(Subject(layer=layer, spec=spec, checks=("differences",)), case)


def untouched(array: Array) -> Array:
    return array


NARROW: dict[str, tuple[Change, Change]] = {
    "a cotangent truncated to integers": (np.trunc, untouched),
    "integer gradients": (untouched, narrowed("i8")),
    "gradients rounded to integers": (untouched, np.rint),
    "a float16 gradient": (untouched, narrowed("f2")),
}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_right_code_passes(kind: str, dtype: str) -> None:
    for seed in range(4):
        outcome = examined(kind, untouched, untouched, dtype, seed)
        assert outcome.verdict is Verdict.PASS
        assert any(evidence.bound is EXACT for evidence in outcome.evidence)


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", NARROW)
def test_narrow_buffers_and_casts_fail_in_every_case(kind: str, dtype: str, name: str) -> None:
    for seed in range(4):
        assert examined(kind, *NARROW[name], dtype, seed).verdict is Verdict.FAIL


@pytest.mark.parametrize("kind", CASES)
def test_float32_buffers_fail_in_float64(kind: str) -> None:
    for seed in range(4):
        assert examined(kind, untouched, narrowed("f4"), "float64", seed).verdict is Verdict.FAIL


@pytest.mark.parametrize("held", ["x", "weight", "cotangent"])
@pytest.mark.parametrize(("dtype", "buffer"), [("float64", "f4"), ("float32", "f2")])
def test_an_array_held_in_a_narrow_buffer_fails(held: str, dtype: str, buffer: str) -> None:
    """Balanced integers may fit into the buffer: in turn each array gets most of the bits."""

    def kept(name: str, array: Array) -> Array:
        return narrowed(buffer)(array) if name == held else array

    def forward(x: Array, weight: Array, bias: Array) -> Any:
        return x @ weight.T + bias, (kept("x", x), kept("weight", weight))

    def backward(dy: Array, cache: Any) -> Any:
        (x, weight), dy = cache, kept("cotangent", dy)
        return dy @ weight, dy.T @ x, dy.sum(axis=0)

    spec = load_spec("linear")
    layer = adapt.functional(forward, backward, inputs=spec.inputs, name="linear")
    subject = Subject(layer=layer, spec=spec, checks=("differences",))
    cases = [Case(shapes=CASES["linear"][0], dtype=dtype, seed=seed) for seed in range(24)]
    verdicts = [examine(subject, case).verdict for case in cases]
    assert verdicts.count(Verdict.FAIL) > 3


@pytest.mark.parametrize("kernel", [3, 7])
def test_an_average_that_rounds_at_its_divisor_is_no_failure(kernel: int) -> None:
    spec = load_spec("avg_pool2d")
    module = import_module("gradcheck.reference.avg_pool2d")

    def backward(dy: Array, cache: Any) -> Any:
        # Divides at the end where the reference divides first: other roundings of 1/49.
        area = dy.dtype.type(kernel * kernel)
        return module.backward(dy * area, cache) / area

    config = {
        "kernel_size": (kernel, kernel), "stride": (2, 2), "padding": (0, 0), "ceil_mode": False,
        "count_include_pad": True, "divisor_override": None,
    }  # fmt: skip
    shapes = {"x": (2, 2, 11, 9), "output": (2, 2, (11 - kernel) // 2 + 1, (9 - kernel) // 2 + 1)}
    layer = adapt.functional(module.forward, backward, inputs=("x",), name="avg_pool2d")
    subject = Subject(layer=layer, spec=spec, checks=("differences", "structure"))
    for dtype in ("float64", "float32"):
        for seed in range(6):
            case = Case(config=Config(config), shapes=shapes, dtype=dtype, seed=seed)
            assert examine(subject, case).verdict is Verdict.PASS


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_no_sum_exceeds_the_mantissa_whichever_array_is_wide(dtype: str) -> None:
    spec = load_spec("linear")
    assert isinstance(spec.form, Multilinear)
    case, most = Case(shapes=CASES["linear"][0], dtype=dtype), 2 ** mantissa_bits(dtype)
    widest = set()
    for seed in range(30):
        rng = np.random.default_rng(seed)
        lattice = draw(spec, spec.form, case, rng, fractional=seed > 0)
        assert lattice is not None
        size = {n: abs(a) + 2 * abs(lattice.tangent[n]) for n, a in lattice.point.items()}
        u = abs(lattice.cotangent)
        assert np.max(size["x"] @ size["weight"].T + size["bias"]) <= most
        assert np.max(u @ size["weight"]) <= most
        assert np.max(u.T @ size["x"]) <= most
        assert np.max(u.sum(axis=0)) <= most
        widest.add(max(("x", size["x"]), ("weight", size["weight"]), ("u", u), key=_largest)[0])
    assert widest == {"x", "weight", "u"}


def _largest(named: tuple[str, Array]) -> int:
    return int(named[1].max())
