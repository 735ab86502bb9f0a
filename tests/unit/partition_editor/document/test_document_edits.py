"""Edits change as little as they can and never write what the release refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.document import edits
from partition_editor.document.edits import Value
from partition_editor.document.lines import Document
from partition_editor.document.parsing import read_directive
from partition_editor.document.reading import read_document
from partition_editor.findings import Span, TextEdit


def set_in(text: str, release: str = "RHEL9", /, **values: Value) -> str:
    """One line with options set; underscores stand for hyphens."""
    named = {"--" + name.replace("_", "-"): value for name, value in values.items()}
    result = edits.set_options(read_document(text), 1, named, release)
    return result.reason if isinstance(result, Refused) else str(result)


@pytest.mark.parametrize(
    ("before", "values", "after"),
    [
        ("part / --size=8000", {"size": 9000}, "part / --size=9000"),
        ("part / --size 8000 # root", {"size": 9000}, "part / --size 9000 # root"),
        ("part / --size 8000 # root", {"grow": True}, "part / --size 8000 --grow # root"),
        ("part / --size 8000\t# root", {"ondisk": "sda"}, "part / --size 8000 --ondisk sda\t# root"),
        ("part / --ondrive=sda  --grow", {"ondisk": "sdb"}, "part / --ondrive=sdb  --grow"),
        ("part / --size=1 --grow --size=2", {"size": 3}, "part / --size=1 --grow --size=3"),
        ("part / --size=1 --grow --size=2", {"size": None}, "part / --grow"),
        ("part '/my data' --size=1", {"label": "a b"}, "part '/my data' --size=1 --label='a b'"),
        ("part / '--size=1'", {"size": 2}, "part / --size=2"),
        ("part / --ondisk='sda' --size=1", {"ondisk": "sdb"}, "part / --ondisk=sdb --size=1"),
        ("part / --size 5", {"size": -5}, "part / --size=-5"),
        (
            "raid /d --level=1 --device=md0 raid.1 raid.2",
            {"spares": 1},
            "raid /d --spares=1 --level=1 --device=md0 raid.1 raid.2",
        ),
        ("  part   /   --grow", {"grow": False, "size": 7}, "  part   / --size=7"),
    ],
)
def test_a_line_keeps_its_style(before: str, values: dict[str, Value], after: str) -> None:
    assert set_in(before, "RHEL9", **values) == after


def test_what_the_release_refuses_is_not_written() -> None:
    assert set_in("part / --size=1", active=True) == "RHEL9 has no --active for part."
    assert set_in("part / --size=1", "RHEL5", active=True) == "part / --size=1 --active"
    assert set_in("part / --size=1", size="8G").startswith("line 1: --size needs a whole number")
    assert set_in("raid / --level=1 --device=a r.1 r.2", level=None) == "line 1: raid needs --level."
    assert set_in("# nothing", size=1) == "line 1 is no partitioning command."


def test_members_take_the_place_of_members() -> None:
    document = read_document("raid /d raid.1 raid.2 --level=1 --device=md0 # mirror\n")
    result = edits.set_members(document, 1, ["raid.1", "raid.2", "raid.3"], "RHEL9")
    assert str(result) == "raid /d raid.1 raid.2 raid.3 --level=1 --device=md0 # mirror\n"


def test_members_that_the_release_refuses_are_not_written() -> None:
    document = read_document("raid /d raid.1 raid.2 --level=1 --device=md0\n")
    assert isinstance(edits.set_members(document, 1, [], "RHEL9"), Refused)


def test_the_mount_point_is_an_argument() -> None:
    result = edits.set_argument(read_document("part --size=1 /a"), 1, 0, "/my data", "RHEL9")
    assert str(result) == "part --size=1 '/my data'"


def test_a_volume_group_is_renamed_wherever_it_is_used() -> None:
    text = "volgroup a pv.1\nlogvol / --vgname=a --name=r --size=1\nlogvol swap --vgname b --name=s --size=1\n"
    assert str(edits.rename_group(read_document(text), "a", "main", "RHEL9")) == (
        "volgroup main pv.1\nlogvol / --vgname=main --name=r --size=1\nlogvol swap --vgname b --name=s --size=1\n"
    )


def test_lines_come_and_go() -> None:
    document = read_document("one\r\ntwo")
    assert str(edits.insert_lines(document, 3, ["three"])) == "one\r\ntwo\r\nthree\r\n"
    assert str(edits.insert_lines(document, 1, ["zero"])) == "zero\r\none\r\ntwo"
    assert str(edits.remove_lines(document, [1])) == "two"


def test_untouched_lines_are_shared() -> None:
    document = read_document("part / --size=1\n" * 4000)
    after = edits.set_options(document, 2000, {"--size": 2}, "RHEL9")
    assert isinstance(after, Document)
    assert all(a is b for a, b in zip(document.lines, after.lines, strict=True) if a.raw == b.raw)


def test_text_edits_are_carried_out_together() -> None:
    document = read_document("abc def\nghi\nlast")
    result = edits.apply(
        document,
        [
            TextEdit(Span(1, 0, 3), "ABC"),
            TextEdit(Span(1, 4, 3), "D\nEF"),
            TextEdit(Span(2), None, whole_line=True),
            TextEdit(Span(4), "more\n"),
        ],
    )
    assert str(result) == "ABC D\nEF\nlast\nmore\n"
    assert str(edits.apply(document, [TextEdit(Span(3, 4), "\n")])) == "abc def\nghi\nlast\n"


def test_edits_that_overlap_are_our_own_mistake() -> None:
    with pytest.raises(PartitionError):
        edits.apply(read_document("abcdef\n"), [TextEdit(Span(1, 0, 3), ""), TextEdit(Span(1, 2, 2), "")])
    with pytest.raises(PartitionError):
        edits.apply(read_document("abcdef\n"), [TextEdit(Span(7), "")])


LINES = st.sampled_from(
    [
        "part / --size 8000 --ondisk hda # root",
        "part swap --recommended",
        "raid /d --level=1 --device=md0 raid.1 raid.2",
        "raid /d raid.1 raid.2 --level=RAID5 --device=md0",
        "logvol / --vgname=a --name='b c' --size=1",
        "volgroup a pv.1 # pv.2",
        "clearpart --all --initlabel --drives=hda,hdb",
        "part '/a b' --siz=5",
    ]
)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**6),
    st.sampled_from(["sda", "ext4", "a b", "", "it's", "8G", "#", "-x"]),
)
OPTIONS = st.sampled_from(
    """--size --grow --maxsize --ondisk --fstype --label --level --device --spares --name --vgname --percent --drives
    --all --none --pesize --active --recommended""".split()  # noqa: SIM905
)


@given(LINES, st.dictionaries(OPTIONS, VALUES, max_size=4), st.sampled_from(["RHEL5", "RHEL7", "RHEL9", "F45"]))
def test_an_edited_line_is_valid_and_says_what_was_asked(line: str, values: dict[str, Value], release: str) -> None:
    result = edits.set_options(read_document(line), 1, values, release)
    if isinstance(result, Refused) or str(result) == line:
        return
    directive = read_directive(str(result), release)
    assert directive is not None
    assert directive.is_valid
    for option, value in values.items():
        if value is None or value is False:
            assert not directive.has(option)
        elif value is True:
            assert directive.has(option)
        else:
            assert directive.text(option) == str(value)
    if "#" in line:
        assert str(result).endswith(line[line.index("#") :])
