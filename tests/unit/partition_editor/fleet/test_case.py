"""A node as its editor opens it."""

from __future__ import annotations

from core.outcome import Refused
from partition_editor.fleet.case import node_case
from partition_editor.scopes import NodeCase
from tests.unit.partition_editor.fleet.conftest import DIRECTIVES, Desk


def case_of(desk: Desk, name: str) -> NodeCase:
    found = node_case(desk.store(), name)
    assert isinstance(found, NodeCase)
    return found


def test_a_node_that_nothing_is_attached_to(desk: Desk) -> None:
    case = case_of(desk, "compute-0-0")
    assert [disk.name for disk in case.disks] == ["hda", "hdb"]
    assert [(one.words, one.shown, one.version, one.nodes) for one in case.scopes] == [
        ("compute-0-0", "compute-0-0", 0, 1),
        ("rack0", "rack 0", 0, 3),
        ("compute", "appliance compute", 0, 4),
        ("everything", "everything", 0, 4),
    ]
    assert case.applied is None
    assert case.peers == ("compute-0-0", "compute-0-1", "compute-1-0", "compute-1-1")


def test_the_most_specific_scheme_is_the_one_to_edit_and_its_nodes_are_the_peers(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text='{DIRECTIVES}'")
    desk.out("set host partition scheme compute-0-1 scheme=manual")
    desk.out("set host partition scheme compute-0-0 compute-1-0 text='rocks manual'")
    case = case_of(desk, "compute-0-0")
    applied = case.applied
    assert applied is not None
    assert (applied.shown, applied.version, applied.text) == ("hosts compute-0-0 compute-1-0", 1, "rocks manual")
    assert applied.words == "compute-0-0 compute-1-0" and applied.nodes == 2
    assert case.peers == ("compute-0-0", "compute-1-0")
    appliance = next(one for one in case.scopes if one.words == "compute")
    assert (appliance.version, appliance.text, appliance.nodes) == (1, DIRECTIVES, 1)
    assert case_of(desk, "compute-1-1").applied == appliance


def test_a_program_is_no_text_to_edit(desk: Desk) -> None:
    program = desk.file("mirror.py", "open('/tmp/user_partition_info', 'w').write('')\n")
    desk.out(f"set host partition scheme rack1 file={program}")
    desk.out("set host partition scheme everything scheme=ask")
    rack, everything = case_of(desk, "compute-1-0").applied, case_of(desk, "compute-0-0").applied
    assert rack is not None and (rack.kind, rack.text, rack.is_editable) == ("program", "", False)
    assert everything is not None and (everything.kind, everything.is_editable) == ("ask", False)


def test_a_removed_scheme_no_longer_applies(desk: Desk) -> None:
    desk.out("set host partition scheme rack0 scheme=manual")
    desk.out("remove host partition scheme rack0")
    assert case_of(desk, "compute-0-0").applied is None


def test_a_node_without_a_report_and_one_that_is_not_there(desk: Desk) -> None:
    assert case_of(desk, "compute-1-1").disks == ()
    unknown = node_case(desk.store(), "compute-9-9")
    assert isinstance(unknown, Refused) and unknown.reason == "compute-9-9 is not in the store."
