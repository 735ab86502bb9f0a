"""Following an install: which console and which state means failure, and what is told of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ContainerUnreachable, DomainNotFound
from core.hypervisor.model import DomainFacts, DomainState, DomainUuid
from core.install.bootfiles import LocalShell
from core.install.following import DEADLY_AFTER_S, ConsoleTail, Follower, last_lines, stage_of, without_tokens
from core.install.tickets import BY_NETWORK, SCRIPT, Ticket, issue
from core.settings import InstallSettings
from core.store.install_records import InstallStage
from core.store.store import Store
from tests.unit.install.conftest import MACS

FIRST = next(iter(MACS))
UUID = DomainUuid("00000000-0000-0000-0000-000000000001")
TOKEN = "T" * 43


class Container:
    """Answers for one domain; `state` None is a domain that is gone, an exception is raised."""

    state: DomainState | Exception | None = DomainState.RUNNING
    reason = ""

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        if isinstance(self.state, Exception):
            raise self.state
        if self.state is None:
            raise DomainNotFound("vm-container-0-0", "no domain")
        return DomainFacts(uuid, FIRST, self.state, self.reason, True, 1024, 1024, 1)


class Watched:
    """A follower with everything around it."""

    def __init__(self, store: Store, path: Path, settings: InstallSettings | None = None) -> None:
        self.store, self.log = store, path / "console.log"
        self.log.write_text("[    0.0] Kernel panic - not syncing: of an earlier boot\n", encoding="utf-8")
        with store.begin() as rows:
            node = rows.nodes.find(FIRST)
            assert node is not None
            ticket = issue(rows, node.id, MACS[FIRST], "anna")
            assert isinstance(ticket, Ticket)
            rows.installs.heard(ticket.install)
        self.install = ticket.install
        self.container = Container()
        self.now = 0.0
        self.follower = Follower(
            store,
            settings or InstallSettings(),
            self.install,
            self.container,
            UUID,
            ConsoleTail(LocalShell(), str(self.log)),
            clock=lambda: self.now,
        )

    def says(self, text: str) -> None:
        with self.log.open("a", encoding="utf-8") as stream:
            stream.write(text)

    def stage(self, stage: InstallStage) -> None:
        with self.store.begin() as rows:
            rows.installs.change(self.install, stage=stage)


@pytest.fixture
def watched(store: Store, tmp_path: Path) -> Watched:
    return Watched(store, tmp_path)


def test_a_firmware_that_does_not_ask_is_told_of_at_once(store: Store, tmp_path: Path) -> None:
    watched = Watched(store, tmp_path, InstallSettings(silent_s=0))
    assert watched.follower.look().text == "offered"
    with store.begin() as rows:
        rows.installs.tell(watched.install, BY_NETWORK)
    assert "has not asked for its boot script" in watched.follower.look().text
    assert f"`report host dhcpd {FIRST}` prints how" in watched.follower.look().text
    with store.begin() as rows:
        rows.installs.tell(watched.install, SCRIPT)
    assert watched.follower.look().text == "offered"


def test_what_an_earlier_boot_said_counts_for_nothing(watched: Watched) -> None:
    assert watched.follower.look().text == "offered"
    watched.says("[    1.0] Linux version 6.1\n")
    assert watched.follower.look().text == "offered (console: kernel)"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("[  9.1] Kernel panic - not syncing: no init\n", "panic on its console: [  9.1] Kernel panic - not syncing"),
        ("Entering emergency mode. Exit the shell to continue.\n", "emergency on its console: Entering emergency"),
        (
            f"anaconda: failed to fetch kickstart from http://10.1.1.1:8040/ks/{TOKEN}\nEntering emergency mode.\n",
            "no kickstart on its console: anaconda: failed to fetch kickstart from http://10.1.1.1:8040/ks/…",
        ),
        ("The installation was stopped due to an error\n", "installer error on its console: The installation was"),
    ],
)
def test_a_deadly_console_fails_the_install_after_a_moment(watched: Watched, said: str, why: str) -> None:
    watched.says(said)
    assert not watched.follower.look().over
    watched.now += DEADLY_AFTER_S
    standing = watched.follower.look()
    assert standing.over and standing.failed.startswith(why)
    assert TOKEN not in standing.failed + standing.console
    with watched.store.reading() as rows:
        kept = [event.detail for event in rows.installs.events(watched.install)]
        record = rows.installs.find(watched.install)
    assert record is not None and record.stage is InstallStage.FAILED
    assert TOKEN not in "".join(kept) and kept[-1] == standing.console


def test_who_takes_over_sees_what_was_said_before(watched: Watched) -> None:
    begun = watched.log.stat().st_size
    watched.says("[  9.1] Kernel panic - not syncing: no init\n")
    assert ConsoleTail(LocalShell(), str(watched.log)).read() == b""
    assert b"no init" in ConsoleTail(LocalShell(), str(watched.log), begun).read()


def test_a_kernel_that_goes_on_has_not_failed(watched: Watched) -> None:
    watched.says("Oops: 0002 [#1]\n")
    watched.follower.look()
    watched.says("systemd[1]: Started something.\n")
    watched.now += DEADLY_AFTER_S
    assert not watched.follower.look().over


@pytest.mark.parametrize("state", [DomainState.SHUT_OFF, None])
def test_a_vm_that_is_off_has_failed_at_the_second_look(watched: Watched, state: DomainState | None) -> None:
    watched.container.state = state
    assert not watched.follower.look().over, "its last report may be on its way"
    assert watched.follower.look().failed == "the VM stopped before its install ended"


@pytest.mark.parametrize(("reason", "again"), [("shutdown", True), ("", True), ("destroyed", False)])
def test_a_vm_that_stops_while_it_waits_may_be_booted_again(watched: Watched, reason: str, again: bool) -> None:
    watched.stage(InstallStage.ASKING)
    watched.container.state, watched.container.reason = DomainState.SHUT_OFF, reason
    watched.follower.look()
    standing = watched.follower.look()
    assert standing.over and standing.stopped is again and bool(standing.failed) is not again
    with watched.store.reading() as rows:
        assert bool(rows.installs.open()) is again
    if again:
        assert watched.follower.give_up("again and again").failed == "again and again"


def test_a_vm_that_is_off_because_it_is_done_has_not_failed(watched: Watched) -> None:
    watched.container.state = None
    watched.follower.look()
    watched.stage(InstallStage.DONE)
    standing = watched.follower.look()
    assert standing.over and not standing.failed and watched.follower.is_off()


def test_a_container_that_cannot_be_asked_says_nothing_about_the_vm(watched: Watched) -> None:
    watched.container.state = ContainerUnreachable("vm-container-0-0", "no answer")
    for _ in range(3):
        assert not watched.follower.look().over
    assert not watched.follower.is_off()


def test_a_crashed_vm_has_failed(watched: Watched) -> None:
    watched.container.state = DomainState.CRASHED
    assert watched.follower.look().failed == "the VM crashed"


def test_a_crashed_vm_says_why_where_its_console_does(watched: Watched) -> None:
    watched.says("[    5.1] Kernel panic - not syncing: No working init found.\n[    5.6] Kernel Offset: disabled\n")
    watched.container.state = DomainState.CRASHED
    failed = watched.follower.look().failed
    assert failed.startswith("the VM crashed: panic on its console: ") and "No working init found" in failed


def test_how_far(watched: Watched) -> None:
    watched.stage(InstallStage.INSTALLING)
    before = watched.follower.look().percent
    watched.says("Installing software 50%\n")
    standing = watched.follower.look()
    assert standing.percent > before and "50 %" in standing.text
    watched.stage(InstallStage.ASKING)
    assert watched.follower.look().text == "waits for its operator (console: installing 50 %)"
    with watched.store.begin() as rows:
        rows.installs.change(watched.install, detail="its program ended with 1")
    assert watched.follower.look().text.startswith("waits for its operator, as its program ended with 1 (")


def test_a_waiting_node_that_falls_silent_is_shown_before_it_has_failed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.stage(InstallStage.ASKING)
    monkeypatch.setattr(watched.follower, "_settings", InstallSettings(silent_s=0.0))
    standing = watched.follower.look()
    assert not standing.over and standing.text.startswith("waits for its operator, not heard of since")


def test_a_node_that_nobody_could_hear_is_not_given_up(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.stage(InstallStage.INSTALLING)
    monkeypatch.setattr(watched.follower, "_settings", InstallSettings(silent_s=0.0))
    answers = [False]
    monkeypatch.setattr(watched.follower, "_service_answers", lambda: answers[0])
    standing = watched.follower.look()
    assert not standing.over and "the install service does not answer" in standing.text
    answers[0] = True
    assert watched.follower.look().failed.startswith("the node was not heard of")


def test_without_a_log_there_is_no_console() -> None:
    assert ConsoleTail(None, "/x").read() == b""
    assert ConsoleTail(LocalShell(), "").read() == b""
    assert ConsoleTail(LocalShell(), "/no/such/log").read() == b""
    assert stage_of(b"") is None


def test_the_last_lines_are_printable_and_few() -> None:
    shown = last_lines(b"\x1b[31mred\x1b[0m\r\n\0\n" + b"".join(b"line %d\n" % n for n in range(30)) + b"\xff end")
    assert shown.splitlines()[0] == "line 19" and shown.endswith("end")
    assert without_tokens(f"GET /ks/{TOKEN} x") == "GET /ks/… x"
