"""Sizes and times in words."""

from __future__ import annotations

import pytest

from core.operations.words import bytes_text, time_text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (4, "4 s"), (99, "99 s"), (616, "10 min"), (5_400, "90 min"), (9_000, "2 h"), (90_000, "25 h")],
)
def test_an_estimate_is_no_finer_than_it_can_be(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (800_000_000, "800 MB"), (2_100_000_000, "2.1 GB"), (36_000_000_000, "36 GB")]
)
def test_bytes_are_counted_as_disks_are_sold(count: int, text: str) -> None:
    assert bytes_text(count) == text
