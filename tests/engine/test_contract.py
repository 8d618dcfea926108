"""Contract: each attack catches what it is there for, and correct code stands all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from gradcheck.reference import linear

from gradcheck import Verdict, adapt, check_layer, turns
from gradcheck.case import Case
from gradcheck.engine import Outcome, Subject, examine
from gradcheck.layer import Layer
from gradcheck.registry import load_spec

Array = np.ndarray[Any, Any]
LINEAR = {"x": (3, 5), "weight": (2000, 5), "bias": (2000,), "output": (3, 2000)}


def forward(x: Array, weight: Array) -> Any:
    return x * weight, (x, weight)


def backward(dy: Array, cache: Any) -> Any:
    x, weight = cache
    return dy * weight, dy * x


def layer(
    front: Callable[..., Any] = forward, back: Callable[..., Any] = backward
) -> adapt.Functional:
    return adapt.functional(front, back, inputs=("x", "weight"), name="product")


def attack(subject: Layer, *, strict: bool = False, dtype: str = "float64") -> Outcome:
    rng = np.random.default_rng(7)
    given = {name: rng.standard_normal((3, 4)).astype(dtype) for name in subject.inputs}
    shapes = {name: array.shape for name, array in given.items()}
    case = Case(shapes=shapes, dtype=dtype, given=given)
    return examine(Subject(layer=subject, strict=strict, checks=("contract",)), case)


def failed(outcome: Outcome, words: str) -> bool:
    return outcome.failure is not None and words in outcome.failure.message


def notes(outcome: Outcome) -> set[str]:
    return {note.name for note in outcome.notes}


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16"])
def test_correct_code_stands_every_attack(dtype: str) -> None:
    found = attack(layer(), strict=True, dtype=dtype)
    assert found.verdict is Verdict.PASS
    assert not found.notes


def test_a_view_of_the_cotangent_is_right() -> None:
    identity = adapt.functional(lambda x: (x, None), lambda dy, _: dy, inputs=("x",))
    found = attack(identity, strict=True)
    assert found.verdict is Verdict.PASS
    assert not found.notes


def clobbering(name: str, when: Callable[[Array], bool]) -> adapt.Functional:
    """Return a layer that doubles an input, a parameter or the cotangent in place."""

    def front(x: Array, weight: Array) -> Any:
        y, cache = x * weight, (x.copy(), weight.copy())
        target = {"x": x, "weight": weight}.get(name)
        if target is not None and when(target):
            target *= 2
        return y, cache

    def back(dy: Array, cache: Any) -> Any:
        gradients = backward(dy, cache)
        if name == "cotangent" and when(dy):
            dy *= 2
        return gradients

    return layer(front, back)


@pytest.mark.parametrize("name", ["x", "weight", "cotangent"])
def test_a_layer_that_writes_to_what_it_is_given(name: str) -> None:
    always = attack(clobbering(name, lambda _: True))
    whom = "the upstream gradient" if name == "cotangent" else name
    assert failed(always, f"writes to {whom}")
    where_allowed = attack(clobbering(name, lambda a: a.flags.writeable))
    assert failed(where_allowed, f"writes to {whom}")


def test_a_layer_that_writes_past_the_flag() -> None:
    def front(x: Array, weight: Array) -> Any:
        if not x.flags.writeable:  # as C code does, which asks nobody
            np.asarray(x.base)[...] += 1
        return forward(x, weight)

    assert failed(attack(layer(front)), "writes to x")


def test_a_layer_that_refuses_what_is_read_only_gets_a_note() -> None:
    def front(x: Array, weight: Array) -> Any:
        if not x.flags.writeable:
            raise ValueError("buffer source array is read-only")
        return forward(x, weight)

    found = attack(layer(front))
    assert found.verdict is Verdict.PASS
    assert notes(found) == {"layout refused"}
    assert attack(layer(front), strict=True).verdict is Verdict.FAIL


def test_a_backward_that_writes_to_its_cache() -> None:
    def back(dy: Array, cache: Any) -> Any:
        gradients = backward(dy, cache)
        cache[0][...] *= 2
        return gradients

    def front(x: Array, weight: Array) -> Any:
        return x * weight, (x.copy(), weight)

    assert failed(attack(layer(front, back)), "writes to what its forward kept")


class Keeping:
    """A layer that keeps what its forwards saw, in a way of its own."""

    name, inputs = "keeping", ("x", "weight")

    def __init__(self) -> None:
        self.stack: list[tuple[Array, Array]] = []
        self.buffer = np.empty((3, 4))

    def __call__(self, config: Mapping[str, Any], /) -> Keeping:
        return self

    def pull(self, **inputs: Any) -> tuple[Array, Any]:
        self.stack.append((inputs["x"], inputs["weight"]))
        return inputs["x"] * inputs["weight"], self.back

    def back(self, dy: Array) -> dict[str, Array]:
        return dict(zip(("x", "weight"), backward(dy, self.stack[-1]), strict=True))


class Popping(Keeping):
    def back(self, dy: Array) -> dict[str, Array]:
        gradients = super().back(dy)
        self.stack.pop()
        return gradients


class Queueing(Popping):
    """Right for backwards in the order of their forwards, with one forward's worth kept."""

    def pull(self, **inputs: Any) -> tuple[Array, Any]:
        y, _ = super().pull(**inputs)
        mine = self.stack.pop()

        def back(dy: Array) -> dict[str, Array]:
            np.multiply(dy, mine[1], out=self.buffer)
            return {"x": self.buffer, "weight": dy * mine[0]}

        return y, back


def test_one_cache_for_all_forwards() -> None:
    assert failed(attack(Keeping()), "another forward before the backward changes")


def test_a_stack_of_caches_gives_the_last_forwards() -> None:
    assert failed(attack(Popping()), "another forward before the backward changes")


def test_a_buffer_that_every_backward_returns() -> None:
    assert failed(attack(Queueing()), "writes to")


def test_a_layer_that_is_not_the_same_twice() -> None:
    rng = np.random.default_rng(0)

    def front(x: Array, weight: Array) -> Any:
        return forward(x, weight * (1 + 1e-9 * rng.random()))

    assert attack(layer(front)).verdict is Verdict.FAIL


ALIASES: dict[str, tuple[Callable[..., Any], str]] = {
    "an input": (lambda dy, cache: (cache[1], dy * cache[0]), "shares memory with weight"),
    "another gradient": (lambda dy, _: (dy, dy[:]), "shares memory with the gradient for"),
}


@pytest.mark.parametrize("name", ALIASES)
def test_a_gradient_that_shares_memory(name: str) -> None:
    back, words = ALIASES[name]
    found = attack(layer(back=back))
    assert "aliasing" in notes(found)
    assert failed(attack(layer(back=back), strict=True), words)


def test_a_gradient_that_is_what_the_forward_kept() -> None:
    def front(x: Array, weight: Array) -> Any:
        return x * weight, (x.copy(), weight, np.ones_like(x))

    def back(dy: Array, cache: Any) -> Any:
        dx = cache[2]
        np.multiply(dy, cache[1], out=dx) if np.all(dx == 1) else None
        return dx, dy * cache[0]

    assert notes(attack(layer(front, back))) == {"aliasing"}
    assert failed(attack(layer(front, back), strict=True), "adding to the gradient for x in place")


def test_a_promoted_dtype() -> None:
    def back(dy: Array, cache: Any) -> Any:
        dx, dweight = backward(dy, cache)
        return dx.astype(np.float64), dweight

    assert notes(attack(layer(back=back), dtype="float32")) == {"dtype"}
    strict = attack(layer(back=back), dtype="float32", strict=True)
    assert failed(strict, "the gradient for x is float64 where the inputs are float32")


def test_a_warning_that_escapes() -> None:
    def back(dy: Array, cache: Any) -> Any:
        np.log(np.zeros(1))
        return backward(dy, cache)

    assert notes(attack(layer(back=back))) == {"warning"}
    assert attack(layer(back=back), strict=True).verdict is Verdict.FAIL


def test_strides_that_are_read_as_if_they_were_plain() -> None:
    def flat(a: Array) -> Array:
        """Read memory in its own order, as a kernel that takes a bare pointer does."""
        return a.ravel(order="K").reshape(a.shape)

    def back(dy: Array, cache: Any) -> Any:
        return flat(dy) * cache[1], dy * cache[0]

    assert failed(attack(layer(back=back)), "change the gradient for")


def test_a_layout_that_is_refused_is_a_note() -> None:
    def front(x: Array, weight: Array) -> Any:
        if not x.flags.c_contiguous:
            raise ValueError("x must be contiguous")
        return forward(x, weight)

    found = attack(layer(front))
    assert found.verdict is Verdict.PASS
    assert notes(found) == {"layout refused"}
    assert attack(layer(front), strict=True).verdict is Verdict.FAIL


@pytest.mark.parametrize("spread", ["x", "cotangent"])
def test_an_array_of_stride_zero_that_is_taken_for_one_number(spread: str) -> None:
    def once(a: Array) -> Array:
        return a / a.size if a.strides == (0, 0) else a

    def front(x: Array, weight: Array) -> Any:
        return forward(once(x) if spread == "x" else x, weight)

    def back(dy: Array, cache: Any) -> Any:
        return backward(once(dy) if spread == "cotangent" else dy, cache)

    assert failed(attack(layer(front, back)), "of stride 0")


@pytest.fixture
def _every_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "EVERY", 1)


@pytest.mark.usefixtures("_every_case")
def test_on_integers_a_layout_changes_nothing_that_real_numbers_would_round() -> None:
    def back(dy: Array, cache: Any) -> Any:
        dx, dweight, dbias = linear.backward(dy, cache)
        return dx + (0 if dy.flags.c_contiguous else 1), dweight, dbias

    spec = load_spec("linear")
    for pullback, verdict in ((linear.backward, Verdict.PASS), (back, Verdict.FAIL)):
        subject = Subject(
            layer=adapt.functional(linear.forward, pullback, inputs=spec.inputs),
            spec=spec, strict=True, checks=("contract",),
        )  # fmt: skip
        assert examine(subject, Case(shapes=LINEAR, dtype="float32")).verdict is verdict


def test_a_run_makes_costly_attacks_on_some_of_its_cases() -> None:
    made = []

    def front(x: Array) -> Any:
        made.append(x.flags.writeable)
        return np.maximum(x, 0), x

    relu = adapt.functional(front, lambda dy, x: dy * (x > 0), inputs=("x",))
    subject = Subject(layer=relu, spec=load_spec("relu"), checks=("contract",))
    shapes = {"x": (2, 3), "output": (2, 3)}
    for seed in range(100):
        assert examine(subject, Case(shapes=shapes, seed=seed)).verdict is Verdict.PASS
    assert 3 < sum(made) < 30


def test_what_an_attack_finds_shrinks_and_replays() -> None:
    def back(dy: Array, x: Array) -> Array:
        return dy * (x > 0) * (1 if dy.flags.c_contiguous else 2)

    relu = adapt.functional(lambda x: (np.maximum(x, 0), x), back, inputs=("x",))
    (failure,) = check_layer("relu", relu).failures
    layouts = ("negative strides", "Fortran order", "stride 0")
    assert any(layout in failure.message for layout in layouts)
    assert failure.case.size <= 8
    (again,) = check_layer("relu", relu, case=failure.case).failures
    assert failure.message == again.message


def test_an_attack_whose_turn_never_came_was_not_checked() -> None:
    relu = adapt.functional(
        lambda x: (np.maximum(x, 0), x), lambda dy, x: dy * (x > 0), inputs=("x",)
    )
    few, many = (check_layer("relu", relu, examples=n).not_checked for n in (1, 200))
    assert any("layouts" in line and "turn did not come" in line for line in few)
    assert not any("turn did not come" in line for line in many)
