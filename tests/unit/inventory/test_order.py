"""The natural order of names."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.inventory.order import natural_key

NUMBERS = st.lists(st.integers(0, 10**12), min_size=1, max_size=4)


def test_numbers_count_as_numbers() -> None:
    names = ["vm-10", "vm-2", "VM-1", "vm-007", "rack2", "rack10", "vm", "vm-2-0", "rack"]
    assert sorted(names, key=natural_key) == [
        "rack",
        "rack2",
        "rack10",
        "vm",
        "VM-1",
        "vm-2",
        "vm-2-0",
        "vm-007",
        "vm-10",
    ]


def test_names_that_differ_in_case_or_zeros_alone_keep_one_order() -> None:
    assert sorted(["a01", "A1", "a1"], key=natural_key) == sorted(["a1", "a01", "A1"], key=natural_key)


@given(NUMBERS, NUMBERS)
def test_names_of_numbers_sort_as_their_numbers(one: list[int], other: list[int]) -> None:
    def name(numbers: list[int]) -> str:
        return "compute-" + "-".join(map(str, numbers))

    assert (natural_key(name(one)) < natural_key(name(other))) == (one < other)


@given(st.text(), st.text())
def test_any_two_names_have_an_order(one: str, other: str) -> None:
    assert (natural_key(one) == natural_key(other)) == (one == other)
