"""Rocks' table layout, to the letter."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from core.commands.table import as_json, as_table, visible

HEADER = ("vm-host", "slice", "mac")


def test_owner_colon_dashes_and_padding() -> None:
    rows = [("compute-0-0-0", 0, "00:16:3e:00:00:01"), ("c1", None, "")]
    assert as_table(HEADER, rows) == (
        "VM-HOST        SLICE MAC              \n"
        "compute-0-0-0: 0     00:16:3e:00:00:01\n"
        "c1:            ----- -----------------\n"
    )


def test_a_single_owner_is_left_out_with_its_header() -> None:
    assert as_table(HEADER, [("c1", 0, "x"), ("c1", 1, "y")]) == "SLICE MAC\n0     x  \n1     y  \n"
    assert as_table(HEADER, [("c1", 0, "x")], trim_owner=False).startswith("VM-HOST")


def test_no_rows_print_nothing() -> None:
    assert as_table(HEADER, []) == ""
    assert json.loads(as_json(HEADER, [])) == []


def test_a_short_row_ends_early() -> None:
    assert as_table(HEADER, [("a", 1, "x"), ("b", 2)]).splitlines()[2] == "b:      2    "


def test_json_has_headers_for_keys_and_null_for_nothing() -> None:
    assert json.loads(as_json(HEADER, [("a", 1, "")])) == [{"vm-host": "a", "slice": 1, "mac": None}]


def test_control_characters_cannot_reach_the_terminal() -> None:
    out = as_table(HEADER, [("a\x1b[2J", 0, "b\nc\u202e"), ("x", 1, "y")])
    assert "\x1b" not in out and out.count("\n") == 3
    assert "\\x1b[2J" in out and "b\\nc\\u202e" in out


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.integers()), st.text()), min_size=1, max_size=8))
def test_every_line_is_as_wide_as_the_first(rows: list[tuple[str, int | None, str]]) -> None:
    lines = as_table(HEADER, rows).split("\n")
    assert lines[-1] == "" and len({len(line) for line in lines[:-1]}) == 1
    assert len(lines) == len(rows) + 2


@given(st.text())
def test_visible_text_is_printable(text: str) -> None:
    assert visible(text).isprintable()
