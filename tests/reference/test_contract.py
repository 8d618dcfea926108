"""What every layer of `gradcheck.reference` keeps to, whatever it computes."""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gradcheck.reference
import numpy as np
import pytest
from gradcheck.reference import (
    Layer,
    avg_pool2d,
    conv2d,
    elu,
    fold,
    linear,
    max_pool2d,
    pad,
    prelu,
    relu,
    unfold,
)
from gradcheck.reference._types import Array

DTYPES = [np.float16, np.float32, np.float64]
Dtype = type[np.floating[Any]]


class Subject(NamedTuple):
    """A layer with one config and the shapes of its inputs, batch first in x."""

    layer: Layer
    shapes: tuple[tuple[int, ...], ...]
    config: dict[str, Any] = {}  # noqa: RUF012 - never changed
    exact: bool = True
    """Whether integers held in floats come out unrounded."""


CONVOLUTIONS = [f"conv{kind}{axes}d" for kind in ("", "_transpose") for axes in (1, 2, 3)]
LOSSES = {
    "binary_cross_entropy": ("x", "target"),
    "binary_cross_entropy_with_logits": ("x", "target"),
    "cross_entropy": ("x",),
    "mse_loss": ("x", "target"),
    "nll_loss": ("x",),
    "soft_cross_entropy": ("x", "target"),
}
IMAGES = (2, 4, 6, 7)
CONV = (IMAGES, (6, 2, 3, 2), (6,))
DROPPED = np.arange(168).reshape(IMAGES[1:]) % 3 > 0


def subjects() -> Iterator[Subject]:
    names = set(layer_names()) - LOSSES.keys()  # their targets belong to the batch: `test_losses`
    every = {name: getattr(gradcheck.reference, name).layer() for name in sorted(names)}
    strided = {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2), "groups": 2}
    pool = {"kernel_size": (2, 4), "stride": (1, 3), "padding": 1, "ceil_mode": True}
    yield Subject(every.pop("conv2d"), CONV, strided)
    yield Subject(conv2d.layer(), CONV[:2], {"groups": 2})
    yield Subject(conv2d.layer(), (IMAGES, (3, 4, 1, 1), (3,)))  # its columns are a view of x
    for axes, size in enumerate(((7,), (6, 7), (4, 3, 5)), start=1):
        shapes = ((2, 4, *size), (6, 2, *(3,) * axes), (6,))
        if axes != 2:
            yield Subject(
                every.pop(f"conv{axes}d"), shapes, {"stride": 2, "padding": 1, "groups": 2}
            )
        bordered = {"padding": 1, "padding_mode": "reflect", "groups": 2}
        yield Subject(getattr(gradcheck.reference, f"conv{axes}d").layer(), shapes, bordered)
        transposed = {"stride": 2, "padding": 1, "output_padding": 1, "groups": 2}
        shapes = ((2, 4, *size), (4, 3, *(3,) * axes), (6,))
        yield Subject(every.pop(f"conv_transpose{axes}d"), shapes, transposed)
    windows = {"kernel_size": (3, 2), "stride": (2, 1), "padding": 1}
    yield Subject(every.pop("unfold"), (IMAGES,), windows)
    yield Subject(unfold.layer(), (IMAGES,), {"kernel_size": 1})
    yield Subject(every.pop("fold"), ((2, 12, 24),), {**windows, "output_size": (6, 7)})
    yield Subject(fold.layer(), ((2, 4, 42),), {"output_size": (6, 7), "kernel_size": 1})
    yield Subject(every.pop("pad"), (IMAGES,), {"pad": (1, 2, 0, 1)})
    yield Subject(pad.layer(), (IMAGES,), {"pad": (1, 2, 0, 1), "mode": "reflect"})
    yield Subject(pad.layer(), (IMAGES,), {"pad": (0, 0), "mode": "circular"})
    yield Subject(every.pop("flatten"), (IMAGES,), {"end_dim": 2})
    normed = {"running_mean": (0.5, 1, -1, 0), "running_var": (1.0, 2, 0.5, 3)}
    yield Subject(every.pop("batch_norm"), (IMAGES, (4,), (4,)), normed, exact=False)
    yield Subject(every.pop("dropout"), (IMAGES,), {"mask": DROPPED, "p": 0.5})
    yield Subject(every.pop("linear"), ((2, 5), (3, 5), (3,)))
    yield Subject(linear.layer(), ((2, 5), (3, 5)))
    yield Subject(every.pop("max_pool2d"), (IMAGES,), pool | {"dilation": (2, 1)})
    yield Subject(max_pool2d.layer(), (IMAGES,), {"kernel_size": 1})
    yield Subject(every.pop("avg_pool2d"), (IMAGES,), pool)
    yield Subject(avg_pool2d.layer(), (IMAGES,), {"kernel_size": 1})
    for axes, size in ((1, (7,)), (3, (4, 3, 5))):
        overlapping = {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}
        for kind in ("max", "avg"):
            yield Subject(every.pop(f"{kind}_pool{axes}d"), ((2, 4, *size),), overlapping)
    for axes, size in ((1, (7,)), (2, (5, 4)), (3, (4, 3, 5))):
        placed = np.arange(4 * 2**axes).reshape(4, *(2,) * axes) % 4**axes
        unpooling = {"indices": placed, "kernel_size": 2}
        yield Subject(every.pop(f"max_unpool{axes}d"), ((2, *placed.shape),), unpooling)
        norms = {"norm_type": 2, "kernel_size": 2, "stride": 1}
        yield Subject(every.pop(f"lp_pool{axes}d"), ((2, 4, *size),), norms, exact=False)
        for kind in ("max", "avg"):
            adaptive = {"output_size": (3, 5, 2)[:axes]}
            yield Subject(every.pop(f"adaptive_{kind}_pool{axes}d"), ((2, 4, *size),), adaptive)
    yield Subject(every.pop("prelu"), (IMAGES, (4,)))
    yield Subject(prelu.layer(), (IMAGES, (1,)))
    for name in ("softmax", "softmin", "log_softmax", "glu"):
        yield Subject(every.pop(name), (IMAGES,), {"dim": 1}, exact=False)
    yield Subject(every.pop("threshold"), (IMAGES,), {"threshold": 0.5, "value": 20.0})
    for name, layer in every.items():
        yield Subject(layer, (IMAGES,), exact=name.startswith(("relu", "global")))


def layer_names() -> list[str]:
    modules = pkgutil.iter_modules(gradcheck.reference.__path__)
    return [m.name for m in modules if not m.ispkg and not m.name.startswith("_")]


every_subject = pytest.mark.parametrize("subject", list(subjects()), ids=lambda s: s.layer.spec)
every_dtype = pytest.mark.parametrize("dtype", DTYPES)


def integers(rng: np.random.Generator, dtype: Dtype, *shape: int) -> Array:
    return rng.integers(-3, 4, shape).astype(dtype)


def normal(rng: np.random.Generator, dtype: Dtype, *shape: int) -> Array:
    return rng.normal(size=shape).astype(dtype)


class Call(NamedTuple):
    """One call of a subject, with everything that went in and came out."""

    inputs: list[Array]
    dy: Array
    y: Array
    cache: Any
    gradients: tuple[Array, ...]


def call(
    subject: Subject,
    dtype: Dtype = np.float64,
    fill: Callable[..., Array] = normal,
    convert: Callable[[Array], Array] = lambda array: array,
) -> Call:
    """Call forward and backward on read-only arrays, each passed through ``convert``."""
    rng = np.random.default_rng(0)
    inputs = [frozen(convert(fill(rng, dtype, *shape))) for shape in subject.shapes]
    y, cache = subject.layer.forward(*inputs, **subject.config)
    dy = frozen(convert(fill(rng, dtype, *y.shape)))
    return Call(inputs, dy, y, cache, pull(subject, dy, cache))


def frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array


def pull(subject: Subject, dy: Array, cache: Any) -> tuple[Array, ...]:
    returned = subject.layer.backward(dy, cache)
    gradients = returned if isinstance(returned, tuple) else (returned,)
    return gradients[: len(subject.shapes)]


def arrays_in(value: Any) -> list[Array]:
    if isinstance(value, np.ndarray):
        return [value]
    return [a for part in value for a in arrays_in(part)] if isinstance(value, tuple) else []


def equal(expected: Any, actual: Any) -> bool:
    """Compare bits: the sign of a zero counts, NaN equals itself."""
    pairs = zip(arrays_in(tuple(expected)), arrays_in(tuple(actual)), strict=True)
    return all((a.shape, a.dtype, a.tobytes()) == (b.shape, b.dtype, b.tobytes()) for a, b in pairs)


# Form


def test_every_module_is_on_the_door() -> None:
    assert sorted([*layer_names(), "Layer", "Sequential"]) == sorted(gradcheck.reference.__all__)


@pytest.mark.parametrize("name", layer_names())
def test_layer_names_its_spec_and_inputs(name: str) -> None:
    module = getattr(gradcheck.reference, name)
    inputs = {
        **dict.fromkeys(CONVOLUTIONS, ("x", "weight", "bias")),
        "batch_norm": ("x", "weight", "bias"),
        "linear": ("x", "weight", "bias"),
        "prelu": ("x", "weight"),
        **LOSSES,
    }
    expected = Layer(name, inputs.get(name, ("x",)), module.forward, module.backward)
    assert expected == module.layer()


@every_subject
def test_gradients_have_the_shapes_of_the_inputs(subject: Subject) -> None:
    made = call(subject)

    assert list(subject.shapes) == [gradient.shape for gradient in made.gradients]
    returned = subject.layer.backward(made.dy, made.cache)
    assert (len(subject.layer.inputs) > 1) == isinstance(returned, tuple)


@pytest.mark.parametrize("layer", [conv2d.layer(), linear.layer()], ids=lambda x: x.spec)
def test_an_absent_bias_has_no_gradient(layer: Layer) -> None:
    axes = (1, 1) if layer.spec == "conv2d" else ()
    y, cache = layer.forward(np.ones((2, 3, *axes)), np.ones((4, 3, *axes)))

    assert layer.backward(y, cache)[2] is None


@every_dtype
@every_subject
def test_dtype_is_kept(subject: Subject, dtype: Dtype) -> None:
    made = call(subject, dtype)

    assert {np.dtype(dtype)} == {array.dtype for array in (made.y, *made.gradients)}


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize(("name", "argument"), [("elu", "alpha"), ("leaky_relu", "negative_slope")])
def test_a_numpy_scalar_as_setting_promotes_nothing(name: str, argument: str, dtype: Dtype) -> None:
    layer = getattr(gradcheck.reference, name).layer()
    y, cache = layer.forward(np.array([-1, 2], dtype), **{argument: np.float64(0.3)})

    assert np.dtype(dtype) == y.dtype == layer.backward(y, cache).dtype


# State: nothing is changed, shared or remembered


@every_subject
def test_nothing_is_mutated(subject: Subject) -> None:
    rng = np.random.default_rng(0)
    inputs = [normal(rng, np.float64, *shape) for shape in subject.shapes]  # writeable
    before = [array.copy() for array in inputs]
    y, cache = subject.layer.forward(*inputs, **subject.config)
    assert equal(before, inputs)

    dy = normal(rng, np.float64, *y.shape)
    kept = [array.copy() for array in (dy, y, *arrays_in(cache))]
    pull(subject, dy, cache)
    assert equal(before, inputs)
    assert equal(kept, [dy, y, *arrays_in(cache)])


@every_subject
def test_nothing_is_shared(subject: Subject) -> None:
    made = call(subject)
    again = pull(subject, made.dy, made.cache)

    results = [made.y, *made.gradients, *again]
    for at, result in enumerate(results):
        assert result.flags.writeable
        others = [*made.inputs, made.dy, *results[:at], *results[at + 1 :]]
        if result is not made.y:
            others += arrays_in(made.cache)
        assert not any(np.shares_memory(result, other) for other in others)


@every_subject
def test_backward_twice_and_after_another_forward(subject: Subject) -> None:
    made = call(subject)
    expected = [gradient.copy() for gradient in made.gradients]
    for gradient in (made.y, *made.gradients):
        gradient[...] = np.nan  # whoever owns a result may scribble on it

    subject.layer.forward(*(-array for array in made.inputs), **subject.config)

    assert equal(expected, pull(subject, made.dy, made.cache))


@every_subject
def test_a_new_cotangent_is_not_the_old_one(subject: Subject) -> None:
    made = call(subject, fill=integers)
    doubled = pull(subject, 2 * made.dy, made.cache)
    zero = pull(subject, 0 * made.dy, made.cache)

    for gradient, double, nothing in zip(made.gradients, doubled, zero, strict=True):
        assert np.array_equal(2 * gradient, double)
        assert np.array_equal(np.zeros(gradient.shape), nothing)


# Batches and layouts


@every_subject
def test_zero_batch(subject: Subject) -> None:
    (_, *rest), *parameters = subject.shapes
    made = call(subject._replace(shapes=((0, *rest), *parameters)))

    assert made.y.shape[0] == 0
    assert made.gradients[0].shape == (0, *rest)
    for gradient, shape in zip(made.gradients[1:], parameters, strict=True):
        assert np.array_equal(np.zeros(shape), gradient)


@every_subject
def test_samples_of_a_batch_do_not_talk(subject: Subject) -> None:
    made = call(subject, fill=integers)
    x, *parameters = made.inputs

    for n in range(len(x)):
        y, cache = subject.layer.forward(x[n : n + 1], *parameters, **subject.config)
        dx, *_ = pull(subject, made.dy[n : n + 1], cache)
        assert close(made.y[n : n + 1], y, subject.exact)
        assert close(made.gradients[0][n : n + 1], dx, subject.exact)


def strided(array: Array) -> Array:
    wide = np.full([2 * n for n in array.shape], 77, array.dtype)
    view = wide[tuple(slice(1, None, 2) for _ in array.shape)]
    view[...] = array
    return view


def reversed_in_memory(array: Array) -> Array:
    back = tuple(slice(None, None, -1) for _ in array.shape)
    return array[back].copy()[back]


def stride_0(array: Array) -> Array:
    """Return the last row of each axis 0, repeated without a copy."""
    return np.broadcast_to(array[-1:], array.shape).view()


def close(expected: Array, actual: Array, exact: bool) -> bool:
    if exact:
        return np.array_equal(expected, actual)
    # NumPy's exp differs in the last bits between layouts. Each side is within 40 u of the truth
    # (`test_accuracy`), so the two are within 80 u (1 + 40 u) < 82 u of each other.
    return bool((np.abs(expected - actual) <= 82 * 2.0**-53 * np.abs(expected)).all())


@pytest.mark.parametrize("layout", [np.asfortranarray, strided, reversed_in_memory, stride_0])
@every_subject
def test_layouts(subject: Subject, layout: Callable[[Array], Array]) -> None:
    plain = call(subject, fill=integers, convert=lambda array: layout(array).copy("C"))
    other = call(subject, fill=integers, convert=lambda array: layout(array))

    assert equal(plain.inputs, other.inputs)
    results = zip((plain.y, *plain.gradients), (other.y, *other.gradients), strict=True)
    for expected, actual in results:
        assert expected.shape == actual.shape
        assert close(expected, actual, subject.exact)


ELEMENTWISE = ["relu", "leaky_relu", "elu", "selu", "sigmoid", "tanh"]


@pytest.mark.parametrize("value", [-1.5, 0.0, 2.0])
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_an_array_without_axes_stays_one(name: str, value: float) -> None:
    layer = getattr(gradcheck.reference, name).layer()
    y, cache = layer.forward(np.array(value))
    dx = layer.backward(np.array(3.0), cache)
    row, row_cache = layer.forward(np.array([value]))

    assert isinstance(y, np.ndarray)
    assert isinstance(dx, np.ndarray)
    assert row.tolist() == [y.item()]
    assert layer.backward(np.array([3.0]), row_cache).tolist() == [dx.item()]


# Warnings


@pytest.fixture
def loud() -> Iterator[None]:
    """Turn every warning, and every floating-point event but underflow, into an error."""
    with warnings.catch_warnings(), np.errstate(all="raise", under="ignore"):
        warnings.simplefilter("error")
        yield


@pytest.mark.usefixtures("loud")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@every_subject
def test_no_warning_at_800(subject: Subject, dtype: Dtype) -> None:
    def fill(rng: np.random.Generator, dtype: Dtype, *shape: int) -> Array:
        return rng.choice([-800, 800, -90, 90, 0], shape).astype(dtype)

    made = call(subject, dtype, fill)

    assert all(np.isfinite(result).all() for result in (made.y, *made.gradients))


@pytest.mark.usefixtures("loud")
@every_dtype
@pytest.mark.parametrize("name", ELEMENTWISE)
def test_no_warning_at_the_ends_of_the_range(name: str, dtype: Dtype) -> None:
    info = np.finfo(dtype)
    above = [0, info.smallest_subnormal, info.tiny, info.eps, 1, 800, info.max]
    # SELU's scale, 1.05, takes the largest numbers out of the range: that overflow is a true one.
    positive = np.array(above, dtype) / dtype(2 if name == "selu" else 1)
    x = np.concatenate([positive, -np.array(above, dtype)])
    layer = getattr(gradcheck.reference, name).layer()

    y, cache = layer.forward(x)
    dx = layer.backward(x, cache)

    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


# Errors


@every_subject
def test_backward_refuses_another_shape(subject: Subject) -> None:
    made = call(subject)

    with pytest.raises(ValueError, match=rf"^{subject.layer.spec}: dy has shape .*the output had"):
        subject.layer.backward(made.dy[..., None], made.cache)


@every_subject
def test_backward_refuses_another_dtype(subject: Subject) -> None:
    made = call(subject, np.float32)

    message = rf"^{subject.layer.spec}: dy has dtype float64.*float32.*dy\.astype\(np\.float32\)"
    with pytest.raises(ValueError, match=message):
        subject.layer.backward(made.dy.astype(np.float64), made.cache)


@every_subject
def test_forward_refuses_what_is_not_floating_point(subject: Subject) -> None:
    rng = np.random.default_rng(0)
    inputs = [normal(rng, np.float64, *shape) for shape in subject.shapes]
    for at, name in enumerate(subject.layer.inputs[: len(inputs)]):
        for bad, reason in (
            (inputs[at].tolist(), "is a list, not a NumPy array"),
            (inputs[at].astype(np.int64), r"has dtype int64.*astype\(np\.float64\)"),
            (inputs[at].astype(complex), "has dtype complex128"),
            (
                inputs[at].astype(inputs[at].dtype.newbyteorder()),
                "has dtype .f8, bytes in another order",
            ),
        ):
            changed = [*inputs[:at], bad, *inputs[at + 1 :]]
            with pytest.raises(ValueError, match=rf"^{subject.layer.spec}: {name} {reason}"):
                subject.layer.forward(*changed, **subject.config)


@pytest.mark.parametrize("subject", [s for s in subjects() if len(s.shapes) > 1])
def test_forward_refuses_a_mixture_of_dtypes(subject: Subject) -> None:
    rng = np.random.default_rng(0)
    inputs = [normal(rng, np.float64, *shape) for shape in subject.shapes]
    for at in range(1, len(inputs)):
        changed = [*inputs[:at], inputs[at].astype(np.float32), *inputs[at + 1 :]]
        message = rf"{subject.layer.inputs[at]} has dtype float32, x has float64"
        with pytest.raises(ValueError, match=message):
            subject.layer.forward(*changed, **subject.config)


def of(*shape: int) -> Array:
    return np.zeros(shape)


IMAGE = of(1, 8, 5, 6)

REFUSED: list[tuple[Callable[[], Any], list[str]]] = [
    (
        lambda: conv2d.forward(IMAGE, of(4, 3, 3, 3), groups=2),
        [
            "conv2d: weight has 3 input channels per group",
            "x has 8 channels in 2 groups (4 per group)",
            "make weight.shape[1] * groups equal",
        ],
    ),
    (
        lambda: conv2d.forward(IMAGE, of(3, 4, 3, 3), groups=2),
        ["weight has 3 kernels, groups=2", "a positive multiple of groups"],
    ),
    (lambda: conv2d.forward(IMAGE, of(0, 8, 3, 3)), ["weight has 0 kernels"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), groups=0), ["groups=0", "take 1 or more"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), groups=2.0), ["groups=2.0 is a float"]),  # type: ignore[arg-type]
    (
        lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), of(3)),
        ["bias has shape (3,), weight has 4 kernels", "shape (4,)"],
    ),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), of(4, 1)), ["bias has shape (4, 1)"]),
    (lambda: conv2d.forward(of(8, 5, 6), of(4, 8, 3, 3)), ["x has shape (8, 5, 6), 3 axes"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3)), ["weight has shape (4, 8, 3), 3 axes"]),
    (
        lambda: conv2d.forward(IMAGE, of(4, 8, 7, 3)),
        ["a window reaches over 7 rows, the image has 5 and padding 0", "5 in all"],
    ),
    (
        lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), dilation=(1, 4), padding=1),
        ["reaches over 9 columns, the image has 6 and padding 1 on either side, 8 in all"],
    ),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 0, 3)), ["kernel_size=(0, 3) is below 1"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), stride=0), ["stride=0 is below 1"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), dilation=0), ["dilation=0 is below 1"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), padding=-1), ["padding=-1 is below 0"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), stride=(1, 2, 3)), ["has length 3"]),
    (lambda: conv2d.forward(IMAGE, of(4, 8, 3, 3), stride=1.5), ["stride=1.5 is a float"]),  # type: ignore[arg-type]
    (
        lambda: conv2d.forward(of(1, 8, 0, 6), of(4, 8, 1, 1), padding=1),
        ["x has 0 rows and 6 columns", "only the batch axis may be empty"],
    ),
    (lambda: max_pool2d.forward(of(1, 0, 4, 4), kernel_size=2), ["x has shape (1, 0, 4, 4)"]),
    (lambda: max_pool2d.forward(of(4, 4), kernel_size=2), ["2 axes", "(N, C, H, W)"]),
    (
        lambda: max_pool2d.forward(IMAGE, kernel_size=3, padding=2),
        ["max_pool2d: padding (2, 2) is more than half of the kernel (3, 3)", "at most (1, 1)"],
    ),
    (
        lambda: avg_pool2d.forward(IMAGE, kernel_size=(3, 2), padding=(1, 2)),
        ["avg_pool2d: padding (1, 2) is more than half", "at most (1, 1)"],
    ),
    (lambda: avg_pool2d.forward(IMAGE, kernel_size=6), ["reaches over 6 rows, the image has 5"]),
    (
        lambda: avg_pool2d.forward(IMAGE, kernel_size=2, divisor_override=0),
        ["divisor_override=0 divides by zero", "None"],
    ),
    (
        lambda: avg_pool2d.forward(IMAGE, kernel_size=2, divisor_override=1.5),  # type: ignore[arg-type]
        ["divisor_override=1.5 is a float", "give an int"],
    ),
    (
        lambda: linear.forward(of(2, 3), of(3, 4)),
        ["linear: x has 3 features, weight takes 4", "(out, in); transpose"],
    ),
    (lambda: linear.forward(of(3), of(4, 3)), ["x has shape (3,), 1 axes", "(N, in)"]),
    (lambda: linear.forward(of(2, 3), of(4, 3), of(3)), ["bias has shape (3,)", "4 outputs"]),
    (
        lambda: prelu.forward(of(2, 3, 4), of(4)),
        ["prelu: weight has shape (4,), x has 3 channels", "shape (3,)", "shape (1,)"],
    ),
    (lambda: prelu.forward(of(3), of(3)), ["x has 1 channels"]),
    (lambda: prelu.forward(of(2, 3), np.array(0.1)), ["weight has shape ()"]),
    (lambda: relu.forward(1.0), ["x is a float, not a NumPy array"]),  # type: ignore[arg-type]
    (lambda: elu.forward(np.ones(2, bool)), ["x has dtype bool"]),
]


@pytest.mark.parametrize(("wrong", "said"), REFUSED, ids=[said[0] for _, said in REFUSED])
def test_message_gives_the_value_the_reason_and_the_fix(
    wrong: Callable[[], Any], said: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"^\w+: .+") as raised:
        wrong()

    assert [part for part in said if part not in str(raised.value)] == []
    assert str(raised.value).count(": ") >= 2  # layer: value and reason: fix
