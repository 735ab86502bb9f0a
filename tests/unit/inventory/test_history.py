"""Histories are plain sequences of floats from outside, and small inside."""

from __future__ import annotations

import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.inventory.history import HISTORY_LENGTH, History

figures = st.floats(0, 1e15)


@given(figures)
def test_a_value_stays_within_five_percent(value: float) -> None:
    (kept,) = History([value])
    assert abs(kept - value) <= value * 0.05 + 0.001


@given(st.integers(1, 99), st.integers(-2, 12))
def test_two_digits_are_kept_as_they_are(digits: int, power: int) -> None:
    value = float(f"{digits}e{power}")
    assert list(History([value])) == [value]


@given(st.lists(figures, max_size=2 * HISTORY_LENGTH))
def test_growing_one_by_one_is_the_same_as_all_at_once(values: list[float]) -> None:
    grown = History()
    for value in values:
        grown = grown.longer(value)
    assert grown == History(values) and hash(grown) == hash(History(values))
    assert len(grown) == min(len(values), HISTORY_LENGTH)


@given(st.lists(figures, max_size=HISTORY_LENGTH), st.integers(-70, 70), st.integers(-70, 70))
def test_it_is_cut_as_a_tuple_is(values: list[float], first: int, last: int) -> None:
    history = History(values)
    assert history[first:last] == tuple(history)[first:last]
    assert [history[at] for at in range(len(history))] == list(history)
    assert list(reversed(history)) == list(history)[::-1]


def test_the_oldest_go_first_and_older_histories_stay_as_they_were() -> None:
    full = History(range(1, HISTORY_LENGTH + 1))
    longer = full.longer(99)
    assert (full[0], full[-1]) == (1.0, 60.0)
    assert (longer[0], longer[-1], len(longer)) == (2.0, 99.0, HISTORY_LENGTH)


@pytest.mark.parametrize("value", [0.0, -5.0, 1e-9, math.nan, math.inf])
def test_what_is_no_figure_counts_as_nothing(value: float) -> None:
    assert list(History([value])) == [0.0]


def test_a_full_history_takes_two_bytes_a_sample() -> None:
    assert sys.getsizeof(History(range(1, 61))._packed) - sys.getsizeof(b"") == 2 * HISTORY_LENGTH


def test_there_is_nothing_at_the_end_of_an_empty_one() -> None:
    assert not History()
    with pytest.raises(IndexError):
        History()[0]
