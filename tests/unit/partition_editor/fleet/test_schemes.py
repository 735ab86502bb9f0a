"""Which scheme applies, by the most specific scope; versions; every way to give one; bad input."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from core.commands.dispatch import dispatch

from .conftest import DIRECTIVES, Desk

PROGRAMS = Path(__file__).parents[1] / "programs" / "data"


def applies(desk: Desk, host: str) -> tuple[str, str]:
    (row,) = json.loads(desk.out(f"list host partition scheme {host} output-format=json"))
    return row["scheme"], row["why"]


def test_the_most_specific_scope_wins_and_says_so(desk: Desk) -> None:
    assert applies(desk, "compute-0-0") == ("default", "nothing is attached: Rocks' default scheme")
    desk.out("set host partition scheme everything scheme=force-default")
    desk.out("set host partition scheme compute scheme=manual")
    desk.out("set host partition scheme rack0 scheme=ask")
    desk.out("set host partition scheme 'compute-0-[0-1]' scheme=force-default-root-disk-only")
    assert applies(desk, "compute-0-0")[0] == "force-default-root-disk-only"
    desk.out("set host partition scheme compute-0-0 scheme=default")
    assert applies(desk, "compute-0-0") == (
        "default",
        "attached to compute-0-0, version 1; before hosts compute-0-[0-1], rack 0, appliance compute, everything",
    )
    assert applies(desk, "compute-0-1")[0] == "force-default-root-disk-only"
    assert applies(desk, "compute-1-0")[0] == "manual"
    assert applies(desk, "rocks")[0] == "ask"
    desk.out("remove host partition scheme rack0")
    assert applies(desk, "rocks")[0] == "force-default"


def test_of_two_host_lists_the_newer_wins(desk: Desk) -> None:
    desk.out("set host partition scheme compute-0-0 compute-0-1 scheme=manual")
    desk.out("set host partition scheme 'compute-0-*' scheme=ask")
    assert applies(desk, "compute-0-1")[0] == "ask"


def test_every_version_is_listed_with_its_author(desk: Desk) -> None:
    desk.out("set host partition scheme compute scheme=manual note='for now'")
    desk.out(f"set host partition scheme compute text={shlex.quote(DIRECTIVES)}")
    desk.out("remove host partition scheme compute")
    rows = json.loads(desk.out("list host partition scheme versions=yes output-format=json"))
    assert [(row["version"], row["scheme"], row["author"], row["note"]) for row in rows] == [
        (1, "manual", "anna", "for now"), (2, "directives", "anna", None), (3, "removed", "anna", None),
    ]  # fmt: skip


def test_a_file_is_taken_for_what_it_is(desk: Desk) -> None:
    for name, text, kind in (
        ("info", DIRECTIVES, "directives"),
        ("replace-partition.xml", (PROGRAMS / "one.xml").read_text(), "nodefile"),
        ("x.py", "print(1)\n", "program"),
        ("x.sh", "echo\n", "program"),
        ("x", "#!/bin/sh\necho\n", "program"),
    ):
        desk.out(f"set host partition scheme everything file={desk.file(name, text)}")
        assert applies(desk, "rocks")[0] == kind
    desk.out("set host partition scheme everything file=-")
    assert applies(desk, "rocks")[0] == "directives"


def test_what_is_dumped_can_be_run_again(desk: Desk) -> None:
    desk.out(f"set host partition scheme rack0 text={shlex.quote(DIRECTIVES)} note='it is \"fine\"'")
    desk.out("set host partition scheme compute scheme=manual")
    desk.out("set host partition scheme everything interpreter=/usr/bin/python text='print(1)'")
    desk.out("set host partition scheme compute-0-0 compute-1-0 scheme=ask")
    dumped = desk.out("dump host partition scheme")
    before = desk.out("list host partition scheme")
    for scope in ("rack0", "compute", "everything", "compute-0-0 compute-1-0"):
        desk.out(f"remove host partition scheme {scope}")
    assert desk.out("dump host partition scheme") == ""
    words = shlex.split(dumped)
    starts = [place for place, word in enumerate(words) if word == "quarry"]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        desk.out(shlex.join(words[start + 1 : end]))
    after = desk.out("list host partition scheme")
    assert [line.split()[:2] for line in after.splitlines()] == [line.split()[:2] for line in before.splitlines()]


def test_a_dump_of_everything_has_the_schemes_and_policies(desk: Desk) -> None:
    desk.out("set host partition scheme rack0 text='<!-- x --><pre>echo</pre>'")
    desk.out("set host partition policy compute-0-0 disk=hdb policy=preserve")
    lines = desk.out("dump").splitlines()
    assert "quarry set host partition scheme rack0 text='<!-- x --><pre>echo</pre>'" in lines
    assert "quarry set host partition policy compute-0-0 disk='hdb' policy='preserve'" in lines
    assert applies(desk, "compute-0-0")[0] == "nodefile"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("set host partition scheme scheme=manual", "must supply a host"),
        ("set host partition scheme compute", "must supply a scheme"),
        ("set host partition scheme compute scheme=manual text=x", "must supply a scheme"),
        ("set host partition scheme compute scheme=foo", '"scheme" must be one of'),
        ("set host partition scheme nobody scheme=manual", "cannot resolve host"),
        ("set host partition scheme compute file=/nowhere", "is not a file"),
        ("set host partition scheme compute file=/", "is not a file"),
        ("set host partition scheme compute text=' '", "is empty"),
        ("set host partition scheme compute text='<pre>'", "no </pre>"),
        ("remove host partition scheme compute", "there is no scheme attached to appliance compute"),
        ("remove host partition scheme", "must supply a host"),
        ("report host partition rules=rocks-4", '"rules" must be one of'),
        ("report host partition against=7", "no scheme has a version 7"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(desk: Desk, line: str, sentence: str) -> None:
    assert sentence in desk.error(line)
    assert desk.out("dump host partition scheme") == ""


def test_a_binary_and_a_huge_file_are_refused(desk: Desk) -> None:
    path = desk.file("x", "part\0")
    assert "zero bytes" in desk.error(f"set host partition scheme compute file={path}")
    path = desk.file("y", "x" * 300_000)
    assert "larger than 256 KiB" in desk.error(f"set host partition scheme compute file={path}")


def test_a_scheme_for_a_rack_nobody_is_in_says_so(desk: Desk) -> None:
    result = dispatch("set host partition scheme rack7 scheme=ask", desk.context)
    assert "note - rack 7: ask, version 1\nnote - no node is in rack 7 yet\n" in result.err
    assert "no node" not in dispatch("set host partition scheme rack1 scheme=ask", desk.context).err
