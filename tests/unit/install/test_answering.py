"""The operator's commands for a node that waits: its disks, their mark, and the answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.commands.refusal import Status
from core.install.desk import InstallDesk
from core.install.tickets import Ticket, issue
from core.settings import InstallSettings, Settings
from core.store.install_records import InstallStage
from core.store.store import Store
from tests.unit.install.conftest import MACS, one_install
from tests.unit.install.talking import BLANK_DISK, OLD_DISK, AlwaysAsk, report

FIRST, SECOND = MACS
TEXT = "part / --size=2048 --ondisk=vda\n"


class Waiting:
    """A node that has reported its disks and waits, and its operator."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.desk = InstallDesk(store, AlwaysAsk(), InstallSettings(), "http://10.1.1.1:8040")
        self.file = folder / "layout.ks"
        self.file.write_text(TEXT, encoding="utf-8")
        with store.begin() as rows:
            node = rows.nodes.find(FIRST)
            assert node is not None
            ticket = issue(rows, node.id, MACS[FIRST], "anna")
        assert isinstance(ticket, Ticket)
        self.token = ticket.token
        self.desk.kickstart(self.token, (MACS[FIRST],))
        self.reports(OLD_DISK)

    def reports(self, disks: str) -> None:
        self.desk.disks(self.token, (MACS[FIRST],), report(disks))

    def quarry(self, line: str) -> CommandResult:
        return dispatch(line, Context(Settings(), who="anna", store=self.store))

    @property
    def stage(self) -> InstallStage:
        with self.store.reading() as rows:
            return one_install(rows).stage


@pytest.fixture
def waiting(store: Store, tmp_path: Path) -> Waiting:
    return Waiting(store, tmp_path)


def test_the_disks_it_reported_are_printed(waiting: Waiting) -> None:
    printed = waiting.quarry(f"report host install disks {FIRST}")
    assert printed.status is Status.DONE and "/state/partition1" not in printed.out
    assert "Disk /dev/vda: 4295MB" in printed.out


def test_an_answer_for_the_disks_that_were_looked_at(waiting: Waiting) -> None:
    mark = waiting.quarry(f"report host install disks {FIRST} mark=yes").out.strip()
    done = waiting.quarry(f"set host install answer {FIRST} disks={mark} file={waiting.file}")
    assert done.status is Status.DONE, done.err
    assert waiting.stage is InstallStage.INSTALLING


def test_an_answer_for_disks_that_are_not_there_any_more_is_refused(waiting: Waiting) -> None:
    mark = waiting.quarry(f"report host install disks {FIRST} mark=yes").out.strip()
    waiting.reports(BLANK_DISK)
    refused = waiting.quarry(f"set host install answer {FIRST} disks={mark} file={waiting.file}")
    assert refused.status is Status.REFUSED and "has reported other disks meanwhile" in refused.err
    assert waiting.stage is InstallStage.ASKING


def test_a_file_that_cannot_be_read_is_no_answer(waiting: Waiting) -> None:
    missing = waiting.quarry(f"set host install answer {FIRST} file=/no/such/file")
    assert missing.err == "error - cannot read /no/such/file: No such file or directory\n"
    waiting.file.write_bytes(b"part / \xff")
    assert "it is no UTF-8 text" in waiting.quarry(f"set host install answer {FIRST} file={waiting.file}").err
    assert waiting.stage is InstallStage.ASKING


def test_a_node_that_does_not_wait_cannot_be_answered(waiting: Waiting) -> None:
    for line in (f"report host install disks {SECOND}", f"set host install answer {SECOND} file={waiting.file}"):
        refused = waiting.quarry(line)
        assert refused.status is Status.REFUSED and f"{SECOND} does not wait for its operator" in refused.err
