"""Worked examples D3 and D5: output sizes, parameters, receptive fields, multiply-adds."""

from __future__ import annotations

from gradcheck.properties._arithmetic import (
    convolution,
    pooling,
    receptive_field,
    transposed_convolution,
)

from gradcheck.case import Case
from gradcheck.config import Config

PLAIN = {"padding": (0, 0), "dilation": (1, 1), "groups": 1}


def conv(
    x: tuple[int, ...], weight: tuple[int, ...], out: tuple[int, ...], **config: object
) -> Case:
    shapes = {"x": x, "weight": weight, "bias": (weight[0],), "output": out}
    return Case(config=Config({**PLAIN, **config}), shapes=shapes)


def test_d3_a_stride_of_two_gives_two_by_two() -> None:
    facts = dict(convolution(conv((1, 1, 5, 5), (1, 1, 3, 3), (1, 1, 2, 2), stride=(2, 2))))
    assert facts["height"] == "floor((5 + 2 * 0 - 1 * (3 - 1) - 1) / 2) + 1 = 2"
    assert facts["width"] == facts["height"]


def test_d5_parameters_and_multiply_adds() -> None:
    case = conv((1, 6, 8, 8), (4, 3, 3, 3), (1, 4, 8, 8), stride=(1, 1), padding=(1, 1), groups=2)
    facts = dict(convolution(case))
    assert facts["parameters"] == "4 * 3 * 3 * 3 + 4 = 112"
    assert facts["multiply-adds"] == "1 * 4 * 8 * 8 outputs * 3 * 3 * 3 products = 6912"
    assert facts["sees"] == "3 x 3 positions of the input"


def test_d5_the_receptive_field_of_stacked_layers() -> None:
    assert receptive_field([(3, 1)]) == 3
    assert receptive_field([(3, 1), (3, 1)]) == 5
    assert receptive_field([(3, 2), (3, 1)]) == 7
    assert receptive_field([(3, 1), (2, 2), (3, 1)]) == 8


def test_a_transposed_convolution_undoes_the_sizes() -> None:
    config = Config({**PLAIN, "groups": 2}, stride=(2, 1), output_padding=(1, 0))
    shapes = {"x": (1, 6, 3, 4), "weight": (6, 2, 3, 2), "bias": None, "output": (1, 4, 8, 5)}
    facts = dict(transposed_convolution(Case(config=config, shapes=shapes)))
    assert facts["height"] == "(3 - 1) * 2 - 2 * 0 + 1 * (3 - 1) + 1 + 1 = 8"
    assert facts["width"] == "(4 - 1) * 1 - 2 * 0 + 1 * (2 - 1) + 1 + 0 = 5"
    assert facts["parameters"] == "6 * 2 * 3 * 2 = 72"
    assert facts["multiply-adds"] == "1 * 6 * 3 * 4 inputs * 2 * 3 * 2 products = 864"


def test_a_pool_that_rounds_up_says_so() -> None:
    config = Config(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), ceil_mode=True)
    case = Case(config=config, shapes={"x": (1, 1, 5, 5), "output": (1, 1, 3, 3)})
    assert dict(pooling(case))["height"] == "ceil((5 + 2 * 0 - 1 * (2 - 1) - 1) / 2) + 1 = 3"
