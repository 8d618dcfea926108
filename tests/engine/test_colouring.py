from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck import pattern
from gradcheck.colouring import colour, fullest, groups
from gradcheck.pattern import Pattern, TooLarge, beside, probed

Array = npt.NDArray[Any]
PLACES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 9)), max_size=40)


def made(places: list[tuple[int, int]]) -> Pattern:
    rows = np.array([row for row, _ in places], dtype=np.int64)
    columns = np.array([column for _, column in places], dtype=np.int64)
    return Pattern.of((8, 10), rows, columns, "a test")


def clashes(found: Pattern, colours: Array) -> int:
    """Count the pairs of columns of one colour that share a row."""
    dense = found.dense(np.ones(found.size, dtype=int))
    shared = dense.T @ dense
    same = colours[:, None] == colours[None, :]
    return int(np.count_nonzero(shared[same & ~np.eye(len(colours), dtype=bool)]))


@given(PLACES)
def test_columns_of_one_colour_share_no_row(places: list[tuple[int, int]]) -> None:
    found = made(places)
    colours = colour(found.columns, found.rows, 10)
    assert clashes(found, colours) == 0
    assert colours.max() + 1 >= fullest(found.rows)


def test_one_colour_for_all_is_seen_to_clash() -> None:
    assert clashes(made([(0, 0), (0, 1)]), np.zeros(10, dtype=int)) > 0


@given(PLACES)
def test_groups_hold_each_column_once(places: list[tuple[int, int]]) -> None:
    found = made(places)
    members = groups(colour(found.columns, found.rows, 10))
    assert sorted(np.concatenate(members).tolist()) == list(range(10))


def test_a_sliding_window_takes_as_many_colours_as_it_has_entries() -> None:
    rows, taps = (a.ravel() for a in np.indices((50, 3)))
    found = Pattern.of((50, 52), rows, rows + taps, "a test")
    assert colour(found.columns, found.rows, 52).max() + 1 == 3


def test_places_are_sorted_and_named_once() -> None:
    found = made([(3, 1), (0, 1), (3, 1), (2, 0)])
    assert (found.rows.tolist(), found.columns.tolist()) == ([2, 0, 3], [0, 1, 1])


MAPS: dict[str, Callable[[Array], Array]] = {
    "element-wise": np.tanh,
    "windows": lambda x: np.convolve(x, [1.0, 2.0], "valid"),
    "dense": lambda x: np.cumsum(x)[::2],
    "constant": lambda x: np.zeros(2),
}


@pytest.mark.parametrize("name", MAPS)
def test_probing_finds_where_the_matrix_is_not_zero(name: str) -> None:
    f, x = MAPS[name], np.arange(1.0, 7.0)
    found = probed(f, x, x + 1)
    columns = [f(x + np.eye(6)[j]) - f(x) for j in range(6)]
    assert np.array_equal(found.dense(np.ones(found.size)) != 0, np.transpose(columns) != 0)


def test_too_many_inputs_to_probe_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern, "PROBES", 5)
    with pytest.raises(TooLarge, match="6 inputs"):
        probed(np.tanh, np.zeros(6), np.ones(6))


def test_a_pattern_beyond_the_budget_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pattern, "ENTRIES", 20)
    assert probed(np.tanh, np.zeros(6), np.ones(6)).size == 6
    with pytest.raises(TooLarge, match="more than 20 entries"):
        probed(np.cumsum, np.zeros(6), np.ones(6))
    with pytest.raises(TooLarge):
        probed(np.tanh, np.zeros(6), np.ones(6)).dense(np.ones(6))


def test_patterns_side_by_side() -> None:
    both = beside([made([(0, 0)]), made([(1, 9)])])
    assert both.shape == (8, 20)
    assert both.columns.tolist() == [0, 19]
