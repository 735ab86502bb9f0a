"""Sizes as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outcome import Refused
from partition_editor.document.sizes import Size, options_of, parse_size


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("8000", Size(8000)),
        (" 8 G ", Size(8192)),
        ("8GiB", Size(8192)),
        ("1.5T", Size(1572864)),
        ("1,5t", Size(1572864)),
        ("512k", Size(1, note="Rounded size up to 1 MiB")),
        ("0.3G", Size(308, note="Rounded size up to 308 MiB")),
        ("25%", Size(20000)),
        ("12.5%", Size(10000)),
        ("rest", Size(4000, grow=True)),
        ("+2G", Size(6048)),
        ("-1000", Size(3000)),
        ("+50%", Size(6000)),
        ("min 4G max 20G", Size(4096, grow=True, maxsize_mib=20480)),
        ("max 20G", Size(4000, grow=True, maxsize_mib=20480)),
        ("min 4G", Size(4096, grow=True)),
        ("4G..20G", Size(4096, grow=True, maxsize_mib=20480)),
        ("8G+", Size(8192, grow=True)),
    ],
)
def test_what_is_meant(typed: str, meant: Size) -> None:
    assert parse_size(typed, total_mib=80000, now_mib=4000) == meant


@pytest.mark.parametrize(
    "typed", ["", "big", "0", "-4000", "120%", "0%", "8 X", "min 4G max 2G", "..", "-", "%", "9" * 60, "99999P"]
)
def test_what_means_nothing_is_refused_with_a_reason(typed: str) -> None:
    answer = parse_size(typed, total_mib=80000, now_mib=4000)
    assert isinstance(answer, Refused)
    assert answer.reason


def test_a_change_or_share_needs_something_to_refer_to() -> None:
    assert parse_size("+2G") == Refused('"+2g" changes a size, and there is none yet.')
    assert parse_size("25%") == Refused("a percentage needs a disk: choose the disk first.")


def test_a_volume_keeps_its_percentage() -> None:
    size = parse_size("25%", of_group=True)
    assert size == Size(percent=25)
    assert isinstance(size, Size)
    assert options_of(size, "logvol") == {"--size": None, "--grow": None, "--maxsize": None, "--percent": 25}


@given(st.text(max_size=30))
def test_anything_typed_gets_an_answer(typed: str) -> None:
    answer = parse_size(typed, total_mib=80000, now_mib=4000)
    assert isinstance(answer, Refused) or (answer.size_mib or 0) >= 1
