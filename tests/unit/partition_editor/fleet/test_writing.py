"""Schemes into a site-profiles folder and back."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from core.store.partition_records import SchemeScope

from .conftest import DIRECTIVES, Desk

PROGRAMS = Path(__file__).parents[1] / "programs" / "data"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "5.0"
    (folder / "nodes").mkdir(parents=True)
    return folder


def test_what_is_written_is_read_back_as_the_same_scheme(desk: Desk, site: Path) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    shown = desk.out(f"write host partition scheme compute folder={site} rocks=5")
    path = site / "nodes" / "replace-partition.xml"
    assert "+part swap --size 1000 --ondisk hda" in shown
    assert "cat &gt; /tmp/user_partition_info" in path.read_text()
    desk.out(f"set host partition scheme rack1 file={path}")
    assert "directives" in desk.out("list host partition scheme compute-1-0")
    with desk.store().reading() as rows:
        record = rows.schemes.find(SchemeScope.RACK, "1")
    assert record is not None and record.text == DIRECTIVES


def test_a_node_file_that_says_more_than_its_directives_stays_one(desk: Desk, site: Path) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    desk.out(f"write host partition scheme compute folder={site} rocks=5")
    path = site / "nodes" / "replace-partition.xml"
    path.write_text(path.read_text().replace("<pre>", '<pre arch="i386">'))
    desk.out(f"set host partition scheme rack1 file={path}")
    assert "nodefile" in desk.out("list host partition scheme compute-1-0")


def test_the_rest_of_the_file_and_a_backup_are_kept(desk: Desk, site: Path) -> None:
    path = site / "nodes" / "replace-custom-partition.xml"
    path.write_text("<kickstart>\n<package>emacs</package>\n<pre>\necho old\n</pre>\n</kickstart>\n")
    desk.out(f"set host partition scheme compute file={PROGRAMS / 'two.xml'}")
    dry = desk.out(f"write host partition scheme compute folder={site} --dry-run")
    assert "-echo old" in dry
    assert "echo old" in path.read_text()
    desk.out(f"write host partition scheme compute folder={site / 'nodes'}")
    assert "<package>emacs</package>" in path.read_text()
    assert '<var name="Node_Hostname"/>' in path.read_text()
    assert len(list(path.parent.glob("*.bak"))) == 1
    assert desk.out(f"write host partition scheme compute folder={site}") == ""


def test_the_description_is_of_the_scheme_that_was_written_last(desk: Desk, site: Path) -> None:
    path = site / "nodes" / "replace-custom-partition.xml"
    for scope in ("compute", "rack0"):
        desk.out(f"set host partition scheme {scope} text='Partition scheme of nobody' interpreter=/bin/cat")
        desk.out(f"write host partition scheme {scope} folder={site}")
    text = path.read_text()
    assert "\nPartition scheme of rack 0, version 1, by anna.\n" in text and "appliance compute" not in text
    assert '<pre arg="--interpreter /bin/cat">\nPartition scheme of nobody</pre>' in text


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("write host partition scheme compute", "must supply a folder"),
        ("write host partition scheme compute folder=/nowhere", "is not a folder"),
        ("write host partition scheme rack0 folder={site}", "there is no scheme attached to rack 0"),
        ("write host partition scheme compute folder={site} rocks=4", '"rocks" must be 5, 6 or 7'),
        ("write host partition scheme everything folder={site}", "the default scheme needs no file"),
    ],
)
def test_what_cannot_be_is_refused(desk: Desk, site: Path, line: str, sentence: str) -> None:
    desk.out("set host partition scheme compute scheme=manual")
    desk.out("set host partition scheme everything scheme=default")
    assert sentence in desk.error(line.format(site=site))
    assert list((site / "nodes").iterdir()) == []


def test_a_file_that_cannot_be_read_is_not_written_over(desk: Desk, site: Path) -> None:
    desk.out("set host partition scheme compute scheme=manual")
    (site / "nodes" / "replace-custom-partition.xml").write_text("<kickstart><pre>")
    assert "nothing is written over it" in desk.error(f"write host partition scheme compute folder={site}")
