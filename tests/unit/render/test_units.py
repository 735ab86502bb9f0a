"""Numbers in few cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.render.sparkline import ASCII_BARS, BARS, sparkline
from tui.render.units import pair_bytes, pair_kib, short_bytes, short_kib, short_rate, span_of

GIB = 1024 * 1024


@pytest.mark.parametrize(
    ("kib", "text"),
    [(None, ""), (512 * 1024, "512M"), (GIB, "1.0G"), (GIB - 1, "1.0G"), (12 * GIB, "12G"), (1536 * GIB, "1.5T")],
)
def test_memory(kib: int | None, text: str) -> None:
    assert short_kib(kib) == text


def test_disks_are_decimal_as_rocks_counts() -> None:
    assert short_bytes(36_000_000_000) == "36G"
    assert short_bytes(2_100_000_000) == "2.1G"
    assert short_bytes(0) == "0M"


@pytest.mark.parametrize(
    ("rate", "text"),
    [(None, ""), (0.0, "-"), (1.8e6, "1.8M"), (2e6, "2.0M"), (12e6, "12M"), (340e3, "340K"), (999.6, "1K")],
)
def test_rates(rate: float | None, text: str) -> None:
    assert short_rate(rate) == text


@given(st.floats(min_value=0, max_value=1e17))
def test_a_rate_takes_at_most_four_cells(rate: float) -> None:
    assert len(short_rate(rate)) <= 4


@given(st.integers(min_value=0, max_value=2**40), st.integers(min_value=1, max_value=2**40))
def test_a_pair_of_sizes_fits_its_column(used: int, total: int) -> None:
    assert len(pair_kib(min(used, total), total)) <= 10


def test_pairs_share_a_unit() -> None:
    assert pair_kib(12 * GIB, 16 * GIB) == "12/16G"
    assert pair_kib(int(1.9 * GIB), 8 * GIB) == "1.9/8G"
    assert pair_bytes(88e9, 400e9) == "88/400G"
    assert pair_bytes(None, 400e9) == "400G"
    assert pair_bytes(1.0, None) == ""


def test_durations() -> None:
    assert [span_of(seconds) for seconds in (8, 90, 3_600, 273_600, -3)] == ["8 s", "1m", "1h", "3d 4h", "0 s"]


def test_bars() -> None:
    assert sparkline((0, 50, 100), 5) == "  ▁▅█"
    assert sparkline((0, 50, 100), 2) == "▅█"
    assert sparkline((1.0, 2.0), 2, high=None) == "▅█"
    assert sparkline((), 3) == "   "
    assert sparkline((0, 100), 2, ascii_only=True) == "_#"


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True)), st.integers(min_value=0, max_value=80))
def test_bars_fill_their_width_whatever_comes(values: list[float], width: int) -> None:
    drawn = sparkline(values, width)
    assert len(drawn) == width
    assert set(drawn) <= set(BARS) | {" "}
    assert len(BARS) == len(ASCII_BARS)
