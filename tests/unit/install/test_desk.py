"""A node's conversation with the install service, request by request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from core.install.desk import FORBIDDEN, GONE, MOST_KICKSTARTS, InstallDesk, Reply, disks_of, give_answer
from core.install.source import Answer, AskOperator, PartitionQuestion, Told
from core.install.tickets import Ticket, issue
from core.outcome import Allowed, Refused
from core.settings import InstallSettings
from core.store.install_records import InstallRecord, InstallStage
from core.store.records import Scope
from core.store.store import Store
from tests.unit.install.conftest import MACS
from tests.unit.install.talking import BLANK_DISK, INSTALLED, OLD_DISK, report

FIRST, SECOND = MACS
TEXT = "clearpart --all --drives=vda\npart / --size=2048 --ondisk=vda\n"


@dataclass
class Source:
    """Answers what it was told to, and remembers the questions."""

    say: Answer = field(default_factory=lambda: Told(TEXT))
    asked: list[PartitionQuestion] = field(default_factory=list)

    def answer(self, question: PartitionQuestion) -> Answer:
        self.asked.append(question)
        return self.say


@dataclass
class Node:
    """An installing node with its ticket."""

    desk: InstallDesk
    token: str
    macs: tuple[str, ...]

    def kickstart(self) -> Reply:
        return self.desk.kickstart(self.token, self.macs)

    def disks(self, *sections: str) -> Reply:
        return self.desk.disks(self.token, self.macs, report(*sections))

    def event(self, text: str) -> Reply:
        return self.desk.event(self.token, self.macs, text.encode())

    def partitions(self, *sections: str) -> Reply:
        return self.desk.partitions(self.token, self.macs, report(*sections))

    def answer(self) -> Reply:
        return self.desk.answer(self.token, self.macs)

    def finished(self) -> Reply:
        return self.desk.finished(self.token, self.macs)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def desk(store: Store, source: Source) -> InstallDesk:
    return InstallDesk(store, source, InstallSettings(), "http://10.1.1.1:8040/")


@pytest.fixture
def booted(store: Store, desk: InstallDesk) -> Callable[[str], Node]:
    def boot(name: str) -> Node:
        with store.begin() as rows:
            found = rows.nodes.find(name)
            assert found is not None
            rows.boot.set_action(found.id, "install")
            ticket = issue(rows, found.id, MACS[name], "anna")
        assert isinstance(ticket, Ticket)
        return Node(desk, ticket.token, (MACS[name],))

    return boot


def install_of(store: Store, name: str = FIRST) -> InstallRecord:
    with store.reading() as rows:
        found = rows.nodes.find(name)
        assert found is not None
        return rows.installs.of_node(found.id)[0]


def kinds(store: Store, name: str = FIRST) -> list[str]:
    install = install_of(store, name)
    with store.reading() as rows:
        return [event.kind for event in rows.installs.events(install.id)]


def test_a_whole_install(store: Store, source: Source, booted: Callable[[str], Node]) -> None:
    node = booted(FIRST)
    text = node.kickstart()
    assert text.status == 200 and FIRST in text.body and node.token in text.body
    assert node.disks(OLD_DISK) == Reply(200, TEXT)
    asked = source.asked[0]
    assert asked.node.name == FIRST
    assert asked.facts["stamped_partitions"] == ["vda1"]
    assert asked.facts["fstab_files"] == {"vda1": "UUID=aa-1 / ext4 defaults 1 1"}
    assert node.event("alive").status == 200
    assert node.partitions(INSTALLED).status == 200
    assert node.finished().status == 200
    assert install_of(store).stage is InstallStage.DONE
    with store.reading() as rows:
        found = rows.nodes.find(FIRST)
        assert found is not None
        assert rows.boot.action(found.id) == "os"
        kept = [(one.device, one.mountpoint, one.partitionsize) for one in rows.partitions.of_node(found.id)]
        logged = rows.log.recent(1)[0]
    assert kept == [("vda1", "/", "2147MB"), ("vda2", "swap", "537MB"), ("vda3", "/state/partition1", "1610MB")]
    assert (logged.who, logged.what) == ("anna", f"install {FIRST}")
    assert kinds(store) == ["ticket", "kickstart", "told", "partitions", "finished"]


def test_after_the_end_everything_is_over(store: Store, booted: Callable[[str], Node]) -> None:
    node = booted(FIRST)
    node.kickstart()
    node.disks(BLANK_DISK)
    node.partitions(INSTALLED)
    node.finished()
    replies = [node.kickstart(), node.disks(BLANK_DISK), node.answer(), node.partitions(BLANK_DISK), node.finished()]
    assert replies == [GONE] * 5
    with store.reading() as rows:
        found = rows.nodes.find(FIRST)
        assert found is not None and len(rows.partitions.of_node(found.id)) == 3


def test_a_node_cannot_speak_for_another(store: Store, booted: Callable[[str], Node]) -> None:
    first, second = booted(FIRST), booted(SECOND)
    thief = Node(first.desk, first.token, second.macs)
    said = [thief.kickstart(), thief.disks(OLD_DISK), thief.answer(), thief.event("alive"), thief.finished()]
    assert said == [FORBIDDEN] * 5
    assert install_of(store).stage is InstallStage.OFFERED
    assert install_of(store).heard is None


def test_the_kickstart_is_not_handed_out_for_ever(booted: Callable[[str], Node]) -> None:
    node = booted(FIRST)
    assert [node.kickstart().status for _ in range(MOST_KICKSTARTS + 1)] == [200] * MOST_KICKSTARTS + [410]


def test_the_kickstart_is_not_handed_out_once_the_disks_are_partitioned(booted: Callable[[str], Node]) -> None:
    node = booted(FIRST)
    node.kickstart()
    node.disks(BLANK_DISK)
    node.partitions(INSTALLED)
    assert node.kickstart() == GONE


def test_nothing_ends_that_was_never_partitioned(store: Store, booted: Callable[[str], Node]) -> None:
    node = booted(FIRST)
    node.kickstart()
    assert node.finished().status == 409
    assert node.partitions(INSTALLED).status == 409
    with store.reading() as rows:
        found = rows.nodes.find(FIRST)
        assert found is not None
        assert rows.boot.action(found.id) == "install"
        assert rows.partitions.of_node(found.id) == []


def test_a_waiting_node_gets_what_its_operator_wrote(
    store: Store, source: Source, booted: Callable[[str], Node]
) -> None:
    source.say = AskOperator()
    node = booted(FIRST)
    node.kickstart()
    assert node.disks(OLD_DISK).status == 202
    assert node.answer().status == 202
    waiting = install_of(store)
    assert waiting.stage is InstallStage.ASKING
    with store.begin() as rows:
        looked_at = disks_of(rows, waiting)
        assert looked_at is not None and looked_at.facts["disk_order"] == ["vda"]
        assert isinstance(give_answer(rows, waiting.id, waiting.asked, "part / --size=1", "bert"), Allowed)
    assert node.answer() == Reply(200, "part / --size=1\n")
    assert node.answer() == Reply(200, "part / --size=1\n"), "an answer lost on the way is told again"


def test_two_operators_cannot_both_answer(store: Store, source: Source, booted: Callable[[str], Node]) -> None:
    source.say = AskOperator()
    booted(FIRST).disks(OLD_DISK)
    waiting = install_of(store)
    with store.begin() as rows:
        assert isinstance(give_answer(rows, waiting.id, waiting.asked, "part /a --size=1", "anna"), Allowed)
        second = give_answer(rows, waiting.id, waiting.asked, "part /b --size=1", "bert")
    assert second == Refused("it does not wait any more (installing)")


def test_an_answer_is_for_the_disks_the_operator_saw(
    store: Store, source: Source, booted: Callable[[str], Node]
) -> None:
    source.say = AskOperator()
    node = booted(FIRST)
    node.disks(OLD_DISK)
    seen = install_of(store)
    node.disks(BLANK_DISK)
    with store.begin() as rows:
        verdict = give_answer(rows, seen.id, seen.asked, TEXT, "anna")
    assert isinstance(verdict, Refused) and "other disks" in verdict.reason
    assert node.answer().status == 202


def test_a_node_that_restarts_while_waiting_waits_on(
    store: Store, source: Source, booted: Callable[[str], Node]
) -> None:
    source.say = AskOperator()
    node = booted(FIRST)
    node.kickstart()
    node.disks(OLD_DISK)
    assert node.kickstart().status == 200
    assert install_of(store).stage is InstallStage.BEGUN, "it loads itself again, and may take its time for that"
    assert node.answer().status == 409
    assert node.disks(OLD_DISK).status == 202
    waiting = install_of(store)
    with store.begin() as rows:
        give_answer(rows, waiting.id, waiting.asked, TEXT, "anna")
    assert node.disks(OLD_DISK) == Reply(200, TEXT), "the same disks: the answer holds"
    assert node.disks(BLANK_DISK).status == 202, "other disks: asked anew, nothing formatted"


def test_what_was_allowed_once_is_used_up_by_an_install_that_ends(
    store: Store, booted: Callable[[str], Node]
) -> None:
    with store.begin() as rows:
        vm = rows.nodes.find(FIRST)
        assert vm is not None
        rows.disk_policies.set(vm.id, "vda", "once", who="anna")
        rows.disk_policies.set(vm.id, "vdb", "preserve", who="anna")
    node = booted(FIRST)
    node.kickstart()
    node.disks(BLANK_DISK)
    node.finished()
    with store.reading() as rows:
        assert [*rows.disk_policies.of_node(vm.id)] == ["vdb"]


@pytest.mark.parametrize(("found", "status"), [(OLD_DISK, 200), (BLANK_DISK, 202)])
def test_a_node_is_answered_while_it_restarts(
    store: Store, source: Source, booted: Callable[[str], Node], found: str, status: int
) -> None:
    source.say = AskOperator()
    node = booted(FIRST)
    node.kickstart()
    node.disks(OLD_DISK)
    seen = install_of(store)
    node.kickstart()
    with store.begin() as rows:
        assert isinstance(give_answer(rows, seen.id, seen.asked, TEXT, "anna"), Allowed)
        again = give_answer(rows, seen.id, seen.asked, "part /b --size=1", "bert")
    assert again == Refused("it does not wait any more (begun)")
    assert node.disks(found).status == status, "for the disks that were looked at, and for no others"


def test_a_node_that_restarts_while_it_installs_begins_again(
    store: Store, source: Source, booted: Callable[[str], Node]
) -> None:
    node = booted(FIRST)
    node.kickstart()
    node.disks(BLANK_DISK)
    node.kickstart()
    assert node.disks(OLD_DISK).status == 200 and len(source.asked) == 2
    assert install_of(store).stage is InstallStage.INSTALLING


@pytest.mark.parametrize("text", ["", " \n", "x" * 70_000])
def test_an_answer_that_is_none(store: Store, source: Source, booted: Callable[[str], Node], text: str) -> None:
    source.say = AskOperator()
    node = booted(FIRST)
    node.disks(OLD_DISK)
    waiting = install_of(store)
    with store.begin() as rows:
        assert isinstance(give_answer(rows, waiting.id, waiting.asked, text, "anna"), Refused)
    assert node.answer().status == 202


def test_a_scheme_that_fails_makes_the_node_wait(store: Store, source: Source, booted: Callable[[str], Node]) -> None:
    source.say = AskOperator("its program ended with 1")
    assert booted(FIRST).disks(OLD_DISK).status == 202
    assert install_of(store).detail == "its program ended with 1"


def test_what_was_not_done_as_told_is_said(store: Store, source: Source, booted: Callable[[str], Node]) -> None:
    source.say = Told(TEXT + "part /export --size=1 --grow\n")
    node = booted(FIRST)
    node.disks(OLD_DISK)
    node.partitions(INSTALLED)
    assert "disagrees" in kinds(store)
    assert install_of(store).detail == "/export was asked for and is not there"


def test_an_error_ends_the_install_and_the_boot_action_stays(store: Store, booted: Callable[[str], Node]) -> None:
    node = booted(FIRST)
    node.disks(BLANK_DISK)
    assert node.event("error no space \x1b[31mleft\non device").status == 200
    failed = install_of(store)
    assert (failed.stage, failed.detail) == (InstallStage.FAILED, "no space [31mleft on device")
    assert node.finished() == GONE
    with store.reading() as rows:
        found = rows.nodes.find(FIRST)
        assert found is not None and rows.boot.action(found.id) == "install"


def test_a_kickstart_that_cannot_be_made_fails_the_install(store: Store, booted: Callable[[str], Node]) -> None:
    with store.begin() as rows:
        found = rows.nodes.find(FIRST)
        assert found is not None
        rows.attributes.set(Scope.HOST, found.id, "install_packages", "@core;reboot")
    reply = booted(FIRST).kickstart()
    assert reply.status == 500 and "@core" not in reply.body
    assert install_of(store).detail == 'kickstart template "compute": "@core;reboot" is no package'
