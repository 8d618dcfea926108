"""TorchFunction: torch, asked by name."""

from __future__ import annotations

import sys
from types import ModuleType

import numpy as np
import pytest
from gradcheck.properties import TorchFunction

from gradcheck.layer import Array, Gradients

torch = pytest.importorskip("torch")

CONV = TorchFunction(name="torch.nn.functional.conv2d", inputs=("x", "weight", "bias"))
CONFIG = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}


def _arrays() -> dict[str, np.ndarray | None]:
    rng = np.random.default_rng(0)
    shapes = {"x": (2, 4, 6, 7), "weight": (6, 2, 3, 2), "bias": (6,)}
    return {name: rng.standard_normal(shape) for name, shape in shapes.items()}


def _of(gradients: Gradients, name: str) -> Array:
    gradient = gradients[name]
    assert gradient is not None
    return gradient


def test_it_is_torch_written_out() -> None:
    arrays = _arrays()
    x, w, b = (torch.tensor(a, requires_grad=True) for a in arrays.values())
    y = torch.nn.functional.conv2d(
        x, w, b, stride=(2, 1), padding=(1, 0), dilation=(1, 2), groups=2
    )
    output, pullback = CONV(CONFIG).pull(**arrays)
    assert np.array_equal(output, y.detach().numpy())
    cotangent = np.random.default_rng(1).standard_normal(output.shape)
    y.backward(torch.tensor(cotangent))
    for name, leaf in zip(arrays, (x, w, b), strict=True):
        assert np.array_equal(_of(pullback(cotangent), name), leaf.grad.numpy())


def test_an_absent_input_has_no_gradient() -> None:
    arrays = {**_arrays(), "bias": None}
    output, pullback = CONV(CONFIG).pull(**arrays)
    assert set(pullback(np.ones_like(output))) == {"x", "weight"}


def test_inputs_may_be_read_only_strided_and_of_float32() -> None:
    oracle = TorchFunction(name="torch.tanh")({})
    x = np.arange(12, dtype=np.float32).reshape(3, 4)[::-1, ::2]
    x.flags.writeable = False
    output, pullback = oracle.pull(x=x)
    assert output.dtype == np.float64
    assert np.allclose(output, np.tanh(x.astype(np.float64)), rtol=1e-15, atol=0)
    assert _of(pullback(np.broadcast_to(np.float32(1), x.shape)), "x").dtype == np.float64


def test_nothing_that_it_returns_shares_memory() -> None:
    oracle = TorchFunction(name="torch.sigmoid")({})
    x: Array = np.array([0.5, -1.0])
    output, pullback = oracle.pull(x=x)
    before = _of(pullback(np.ones(2)), "x")
    output[:] = x[:] = 0
    _of(pullback(np.ones(2)), "x")[:] = 0
    assert np.array_equal(_of(pullback(np.ones(2)), "x"), before)


def test_constants_and_renamed_keys_reach_the_function() -> None:
    pool = TorchFunction(
        name="torch.nn.functional.adaptive_avg_pool2d", constants={"output_size": 1}
    )
    assert pool({}).pull(x=np.ones((2, 3, 4, 5)))[0].shape == (2, 3, 1, 1)
    leaky = TorchFunction(name="torch.nn.functional.leaky_relu", rename={"slope": "negative_slope"})
    assert leaky({"slope": 0.5}).pull(x=np.array([-2.0]))[0] == -1


def test_an_input_that_nothing_depends_on_has_gradient_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    module = ModuleType("functions_of_a_test")
    module.first = lambda x, y: 2 * x  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    oracle = TorchFunction(name="functions_of_a_test.first", inputs=("x", "y"))({})
    _, pullback = oracle.pull(x=np.ones(2), y=np.ones((2, 1)))
    gradients = pullback(np.ones(2))
    assert np.array_equal(_of(gradients, "x"), [2, 2])
    assert np.array_equal(_of(gradients, "y"), np.zeros((2, 1)))


def test_it_works_where_gradients_are_switched_off() -> None:
    with torch.no_grad():
        _, pullback = TorchFunction(name="torch.tanh")({}).pull(x=np.zeros(2))
        assert np.array_equal(_of(pullback(np.ones(2)), "x"), np.ones(2))
        assert not torch.is_grad_enabled()


def test_torch_s_global_state_is_left_alone() -> None:
    before = torch.get_num_threads(), torch.get_default_dtype(), torch.initial_seed()
    output, pullback = CONV(CONFIG).pull(**_arrays())
    pullback(output)
    assert (torch.get_num_threads(), torch.get_default_dtype(), torch.initial_seed()) == before


def test_without_torch_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert CONV.missing() is None
    monkeypatch.setitem(sys.modules, "torch", None)
    reason = CONV.missing()
    assert reason is not None
    assert reason.startswith("torch cannot be imported")
    assert "pip install torch" in reason
