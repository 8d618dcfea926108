"""What jax, scipy, numdifftools and HIPS autograd accept and this engine does not.

They come with the extra `peers`; without it these tests are skipped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import gradcheck
from gradcheck import Verdict, adapt
from gradcheck.differences import directional

pytestmark = pytest.mark.filterwarnings("ignore")  # the peers' own

Array = np.ndarray[Any, Any]


def verdict(forward: Any, backward: Any, **inputs: Array) -> Verdict:
    layer = adapt.functional(lambda *arrays: (forward(*arrays), arrays), backward,
                             inputs=tuple(inputs))  # fmt: skip
    given: dict[str, Any] = {**inputs}
    return gradcheck.check(layer, **given).verdict


@pytest.mark.parametrize(("n", "sign"), [(500, 0.0), (1000, -1.0)])
def test_jax_accepts_a_zero_derivative_of_a_long_array_in_float32(n: int, sign: float) -> None:
    jax: Any = pytest.importorskip("jax")
    check_grads: Any = pytest.importorskip("jax.test_util").check_grads

    sine = jax.custom_jvp(lambda x: jax.numpy.sin(x))
    sine.defjvp(lambda point, tangent: (sine(*point), sign * jax.numpy.cos(*point) * tangent[0]))
    x = np.random.default_rng(0).standard_normal(n).astype(np.float32)
    check_grads(sine, (jax.numpy.asarray(x),), order=1, modes=("fwd",))
    wrong = verdict(np.sin, lambda dy, cache: sign * dy * np.cos(cache[0]), x=x)
    assert wrong is Verdict.FAIL


def test_scipy_takes_the_pattern_from_the_jacobian_under_test() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    check_derivative: Any = pytest.importorskip("scipy.optimize._numdiff").check_derivative
    matrix, wrong = np.array([[1.0, 5.0], [3.0, 2.0]]), np.array([[1.0, 0.0], [3.0, 2.0]])
    score = check_derivative(lambda x: matrix @ x, lambda x: sparse.csr_matrix(wrong), np.ones(2))
    assert score < 1e-9
    assert verdict(lambda x: matrix @ x, lambda dy, c: wrong.T @ dy, x=np.ones(2)) is Verdict.FAIL
    assert verdict(lambda x: matrix @ x, lambda dy, c: matrix.T @ dy, x=np.ones(2)) is Verdict.PASS


def test_numdifftools_is_sure_of_half_the_slope_beside_a_kink() -> None:
    nd = pytest.importorskip("numdifftools")
    found = nd.Derivative(lambda x: np.maximum(x, 0), full_output=True)(1e-4)
    assert abs(found.estimate - 1.0) > 100 * found.error_estimate
    estimate = directional(lambda x: np.maximum(x, 0), np.array([1e-4]), np.array([0.7]))
    assert abs(estimate.value[0] - 0.7) <= estimate.bar[0]


def test_a_mean_as_loss_hides_a_wrong_softmax_from_autograd() -> None:
    autograd = pytest.importorskip("autograd")
    extend: Any = pytest.importorskip("autograd.extend")
    check_grads: Any = pytest.importorskip("autograd.test_util").check_grads

    def forward(x: Any) -> Any:
        z = np.exp(x - np.max(x))
        return z / np.sum(z)

    softmax = extend.primitive(forward)
    extend.defvjp(softmax, lambda y, x: lambda dy: -100 * y * (dy - np.sum(dy * y)))
    x = np.random.default_rng(0).standard_normal(6)
    check_grads(lambda x: autograd.numpy.mean(softmax(x)), modes=["rev"], order=1)(x)

    def backward(dy: Array, cache: tuple[Array]) -> Array:
        y = forward(cache[0])
        wrong: Array = -100 * y * (dy - np.sum(dy * y))
        return wrong

    assert verdict(forward, backward, x=x) is Verdict.FAIL
    assert verdict(forward, lambda dy, c: backward(dy, c) / -100, x=x) is Verdict.PASS
