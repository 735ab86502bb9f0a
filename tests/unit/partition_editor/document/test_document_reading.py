"""A text read into lines, directives and requests."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partition_editor.disks import Profile
from partition_editor.document.lines import Line
from partition_editor.document.parsing import read_directive
from partition_editor.document.reading import normalise_mount_point, read_document, read_spec
from partition_editor.document.tokens import quote, tokenise
from partition_editor.requests import ClearRequest, PartRequest, RaidRequest, RocksScheme

RHEL5 = Profile(release="RHEL5")
RHEL9 = Profile(release="RHEL9")

SEED = """clearpart --all --initlabel --drives=hda
part / --size 8000 --ondisk hda
part swap --size=1000 --ondisk=hda

# the rest is yours
part /mydata --size 1 --grow --ondisk hda
"""


@given(st.text())
def test_any_text_comes_back_as_it_was(text: str) -> None:
    assert str(read_document(text)) == text


@given(st.text())
def test_any_text_can_be_read_for_any_release(text: str) -> None:
    for release in ("RHEL5", "RHEL9", "F45"):
        read_spec(read_document(text), Profile(release=release))


def test_line_ends_belong_to_their_lines() -> None:
    document = read_document("part /\r\npart swap\npart /a")
    assert document.lines == (Line("part /", "\r\n"), Line("part swap", "\n"), Line("part /a", ""))
    assert not document.ends_with_newline


def test_words_know_their_columns() -> None:
    cut = tokenise("part '/my data'  --size 8000 # big")
    assert [(one.text, one.column, one.length) for one in cut.tokens] == [
        ("part", 0, 4),
        ("/my data", 5, 10),
        ("--size", 17, 6),
        ("8000", 24, 4),
    ]
    assert cut.comment_column == 29


def test_an_open_quote_is_pointed_at() -> None:
    assert tokenise('part "/data').open_quote == 5


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\n"), min_size=1))
def test_a_quoted_word_reads_back(word: str) -> None:
    (token,) = tokenise(quote(word)).tokens
    assert token.text == word


def test_the_seeds_first_example() -> None:
    spec = read_spec(read_document(SEED), RHEL5)
    assert spec.clear == ClearRequest(1, "all", ("hda",), initlabel=True)
    assert spec.requests == (
        PartRequest(2, "/", 8000, disk="hda"),
        PartRequest(3, "swap", 1000, disk="hda"),
        PartRequest(6, "/mydata", 1, grow=True, disk="hda"),
    )


def test_members_may_stand_behind_the_options() -> None:
    spec = read_spec(read_document("raid /mydata --level=RAID1 --device=md0 raid.00 raid.01\n"), RHEL5)
    assert spec.raids == (RaidRequest(1, "/mydata", "md0", 1, ("raid.00", "raid.01"), level_text="RAID1"),)


def test_the_last_of_repeated_options_counts() -> None:
    spec = read_spec(read_document("part / --size=1 --size 2 --ondrive=sda --ondisk=sdb\n"), RHEL9)
    assert spec.parts == (PartRequest(1, "/", 2, disk="sdb"),)


def test_a_refused_line_asks_for_nothing() -> None:
    spec = read_spec(read_document("part / --size=8GB\npart swap --size=1\n"), RHEL9)
    assert spec.parts == (PartRequest(2, "swap", 1),)


def test_later_clearpart_lines_are_laid_over_earlier_ones() -> None:
    text = "clearpart --all --drives=sda\nclearpart --initlabel\n"
    assert read_spec(read_document(text), RHEL9).clear == ClearRequest(2, "all", ("sda",), initlabel=True)


def test_a_rocks_scheme_is_a_line_of_two_words() -> None:
    assert read_spec(read_document("part /\nrocks manual\n"), RHEL5).scheme == RocksScheme(2, "manual")
    assert read_spec(read_document("rocks manual extra\n"), RHEL5).scheme is None


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("/home/", "/home"),
        ("//a/../b", "/b"),
        ("/", "/"),
        ("swap", "swap"),
        ("raid.01", "raid.01"),
        ("home/", "home/"),
    ],
)
def test_mount_points_are_normalised(written: str, read: str) -> None:
    assert normalise_mount_point(written) == read


def test_a_whole_kickstart_file_is_read_for_its_partitions_only() -> None:
    text = "lang en_US\npart / --size=1\nrootpw x\n%packages\npart\n%end\npart swap --size=2\n"
    assert read_spec(read_document(text), RHEL9).parts == (PartRequest(2, "/", 1), PartRequest(7, "swap", 2))


@pytest.mark.parametrize(
    ("line", "rules"),
    [
        ("Part / --size=1", ["KS001"]),
        ("part / --active", ["KS002"]),
        ("part / --ond=sda", ["KS002"]),
        ("part / --siz=1", ["KS008"]),
        ("part / --size=8000MB", ["KS003"]),
        ("part / --size", ["KS003"]),
        ("part / --grow=yes", ["KS003"]),
        ("part --size=1", ["KS005"]),
        ("part / 'x", ["KS006"]),
        ("%include /tmp/x", ["KS007"]),
        ("clearpart --drives=hda, hdb", ["KS009"]),
        ("part / /home", ["KS012"]),
        ("raid / r1 --level=1 --device=x r2", ["KS011"]),
        ("logvol / --name=a --vgname=b", ["KS005"]),
        ("logvol / --name=a --vgname=b --size=1 --percent=4", ["LV007"]),
        ("raid / --level=mirror --device=x r1", ["MD005"]),
        ("part / --resize --size=1", ["KS013"]),
        ("btrfs / b1", ["KS004"]),
        ("part / --size=-5", []),
        ("part --size -5 /", []),
    ],
)
def test_what_is_wrong_with_a_line_for_rhel_9(line: str, rules: list[str]) -> None:
    directive = read_directive(line, "RHEL9")
    assert directive is not None
    assert [one.rule for one in directive.problems] == rules


def test_an_option_of_another_release_says_which() -> None:
    directive = read_directive("part / --active", "RHEL9")
    assert directive is not None
    assert directive.problems[0].message == "RHEL9 has no --active for part (removed after RHEL8)."


def test_a_size_with_a_unit_comes_with_its_number() -> None:
    directive = read_directive("part / --size 8G", "RHEL9")
    assert directive is not None
    (problem,) = directive.problems
    assert problem.message == '--size needs a whole number of MiB; "8G" has a unit. Write --size 8192.'
    assert [one.text for one in problem.fix] == ["8192"]
