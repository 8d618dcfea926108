from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.contraction import contract, to_integers

BIG = st.integers(-(2**53), 2**53)


@given(st.lists(st.tuples(BIG, BIG), max_size=40))
def test_a_contraction_is_that_of_pythons_integers(pairs: list[tuple[int, int]]) -> None:
    a = np.array([p for p, _ in pairs], dtype=np.int64)
    b = np.array([q for _, q in pairs], dtype=np.int64)
    assert sum(p * q for p, q in pairs) == contract(a, b)


def test_integers_beyond_a_word_are_contracted_as_well() -> None:
    a = np.array([2**80, -3], dtype=object)
    assert contract(a, np.array([2, -(2**60)], dtype=object)) == 2**81 + 3 * 2**60


@given(st.lists(st.tuples(BIG, BIG), max_size=40), st.integers(-1, 1))
def test_equal_contractions_are_told_from_those_one_apart(
    pairs: list[tuple[int, int]], apart: int
) -> None:
    a = np.array([p for p, _ in pairs] + [0], dtype=np.int64)
    b = np.array([q for _, q in pairs] + [1], dtype=np.int64)
    c, d = -a[::-1].copy(), -b[::-1].copy()
    c[0] = -apart
    assert contract(c, d) - contract(a, b) == apart


@pytest.mark.parametrize("bits", [(53, 53), (61, 53), (61, 61), (30, 61)])
@pytest.mark.parametrize("size", [3, 5_000])
def test_long_sums_of_long_products_are_exact(bits: tuple[int, int], size: int) -> None:
    rng = np.random.default_rng(0)
    a, b = (rng.integers(-(2**width), 2**width, size, endpoint=True) for width in bits)
    exact = sum(p * q for p, q in zip(a.tolist(), b.tolist(), strict=True))
    assert contract(a, b) == exact
    assert contract(np.abs(a), np.abs(b)) == sum(
        abs(p * q) for p, q in zip(a.tolist(), b.tolist(), strict=True)
    )


def test_contractions_that_agree_in_every_word_but_differ_are_told_apart() -> None:
    a, b = np.array([2**40, 1], dtype=np.int64), np.array([2**24, 7], dtype=np.int64)
    c, d = np.array([7], dtype=np.int64), np.array([1], dtype=np.int64)
    assert contract(a, b) - contract(c, d) == 2**64


def test_a_fraction_is_not_cast_away() -> None:
    assert to_integers(np.array([1.0, 2.5]), 0) is None
    assert to_integers(np.array([np.nan]), 0) is None
    assert to_integers(np.array([np.inf]), 0) is None


def test_a_fraction_of_the_unit_is_an_integer() -> None:
    found = to_integers(np.array([0.25, -1.5]), -2)
    assert found is not None
    assert found.tolist() == [1, -6]
