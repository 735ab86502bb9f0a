"""What installing nodes are told by their schemes, on the disks they report."""

from __future__ import annotations

import pytest

from core.install.reports import DiskReport, read_report
from core.install.source import Answer, AskOperator, PartitionQuestion, Told
from core.store.partition_records import SchemeScope
from core.store.store import Store
from partition_editor.schemes.source import SchemeSource
from tests.unit.install.conftest import MACS
from tests.unit.install.talking import BLANK_DISK, OLD_DISK, report

FIRST = next(iter(MACS))
FOREIGN_DISK = OLD_DISK.split("= stamp")[0]
DIRECTIVES = "clearpart --all --initlabel --drives=vda\npart / --size=2048 --ondisk=vda\n"


def answer(store: Store, *disks: str) -> Answer:
    read = read_report(report(*disks))
    assert isinstance(read, DiskReport)
    with store.reading() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        question = PartitionQuestion(node, read.facts, tuple(rows.partitions.of_node(node.id)), {})
    return SchemeSource(store).answer(question)


def attach(store: Store, kind: str, text: str = "", interpreter: str = "") -> None:
    with store.begin() as rows:
        rows.schemes.add(SchemeScope.HOST, FIRST, kind=kind, text=text, interpreter=interpreter, who="anna")


def test_without_a_scheme_a_blank_disk_gets_rocks_default(store: Store) -> None:
    told = answer(store, BLANK_DISK)
    assert isinstance(told, Told)
    assert told.text.startswith("clearpart --all --initlabel --drives=vda\n")
    assert "part /state/partition1" in told.text


def test_directives_on_a_blank_disk(store: Store) -> None:
    attach(store, "directives", DIRECTIVES)
    told = answer(store, BLANK_DISK)
    assert isinstance(told, Told) and told.text == DIRECTIVES


def test_a_stamped_disk_is_never_cleared_whatever_the_text_says(store: Store) -> None:
    attach(store, "directives", DIRECTIVES)
    told = answer(store, OLD_DISK)
    assert isinstance(told, Told)
    assert "clearpart" not in told.text
    assert "part /state/partition1 --noformat --onpart vda3" in told.text
    assert "used again" in told.notes[0]


def test_a_foreign_disk_is_not_touched_by_a_default_so_the_operator_is_asked(store: Store) -> None:
    asked = answer(store, FOREIGN_DISK)
    assert isinstance(asked, AskOperator) and "vda" in asked.why and "allow it once" in asked.why


def test_a_disk_that_was_given_away_is_formatted(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        rows.disk_policies.set(node.id, "vda", "once", who="anna")
    told = answer(store, OLD_DISK)
    assert isinstance(told, Told) and "clearpart --all --initlabel --drives=vda" in told.text


@pytest.mark.parametrize("kind", ["ask", "manual"])
def test_the_operators_hand(store: Store, kind: str) -> None:
    attach(store, kind)
    told = answer(store, BLANK_DISK)
    assert told == AskOperator() if kind == "ask" else isinstance(told, Told) and told.text == "rocks manual\n"


def test_a_scheme_that_cannot_be_read_makes_the_node_wait(store: Store) -> None:
    attach(store, "nodefile", "<kickstart><pre>")
    asked = answer(store, BLANK_DISK)
    assert isinstance(asked, AskOperator) and asked.why
