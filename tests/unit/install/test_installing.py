"""`create host vm` on libvirt's test driver, with a node that is played: what is booted, when, and what stays."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.commands.context import Context
from core.commands.dispatch import CommandResult, dispatch
from core.commands.refusal import Status
from core.errors import Cancelled, HypervisorError
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.model import ContainerName, DomainState
from core.install import steps
from core.install.server import InstallServer, serving
from core.install.source import PartitionQuestion, Told
from core.inventory.records import StoreFleet
from core.inventory.snapshot import VmKey
from core.operations.perform import Surroundings
from core.operations.plan import Step, StepKind, TargetPlan
from core.settings import ContainerSettings, InstallSettings, Settings, StoreSettings
from core.store.install_records import InstallStage
from core.store.job_records import StepState
from core.store.records import NewDisk, Scope
from core.store.store import Store
from tests.unit.install.conftest import MACS
from tests.unit.install.talking import BLANK_DISK, INSTALLED, AlwaysAsk, report

FIRST, SECOND = MACS
PATIENCE_S = 60.0
HOST = """<node><cpu><mhz>3000</mhz><model>i686</model><active>4</active><nodes>1</nodes><sockets>1</sockets>
<cores>4</cores><threads>1</threads></cpu><memory>8388608</memory></node>"""


class Partitioned:
    """Answers every node alike."""

    def answer(self, question: PartitionQuestion) -> Told:
        return Told("part / --size=1\n")


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(steps, "LOOK_S", 0.05)
    for name in ("vmlinuz", "initrd.img"):
        (tmp_path / name).write_bytes(name.encode() * 100)
    install = InstallSettings(
        listen="127.0.0.1:0", url="http://127.0.0.1", kernel=f"{tmp_path}/vmlinuz", initrd=f"{tmp_path}/initrd.img"
    )
    return Settings(store=StoreSettings(url=f"sqlite:///{tmp_path}/quarry.sqlite"), install=install)


@pytest.fixture
def store(settings: Settings, tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "host.xml").write_text(HOST, encoding="utf-8")
    with Store.open(settings.store_url) as store:
        with store.begin() as rows:
            rows.nodes.add("rocks", membership="Frontend", rack=0, rank=0)
            house = rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
            rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", f"test://{tmp_path}/host.xml")
            private = rows.subnets.find("private")
            assert private is not None
            for number, (name, mac) in enumerate(MACS.items()):
                node = rows.nodes.add(name, membership="Compute", rack=0, rank=number)
                vm = rows.vms.add(node.id, house.id, number, mem=256)
                rows.networks.add(node.id, device="eth0", mac=mac, ip=f"10.1.255.{9 + number}", subnet_id=private.id)
                rows.vms.set_disks(vm, [NewDisk("phy", "", f"/dev/vg/{name}", "vda", "virtio", 1)])
        yield store


@pytest.fixture
def served(store: Store, settings: Settings) -> Iterator[tuple[InstallServer, Settings]]:
    with serving(store, Partitioned(), settings.install) as server:
        install = replace(settings.install, url=f"http://127.0.0.1:{server.port}")
        yield server, replace(settings, install=install)


class OneContainer:
    """The container, connected, for the command and for the node that is played."""

    def __init__(self, uri: str) -> None:
        self.hypervisor = LibvirtHypervisor(ContainerName("vm-container-0-0"), uri, ContainerSettings())
        self.hypervisor.open()

    def set_containers(self, uris: Mapping[ContainerName, str]) -> None:
        """It stays the one."""

    def get(self, name: ContainerName) -> LibvirtHypervisor:
        return self.hypervisor

    def retry_now(self, name: ContainerName | None = None) -> None:
        """It is connected."""


class PlayedNode(threading.Thread):
    """Does what an installer does, as soon as its VM boots one; then reboots, which ends its domain."""

    def __init__(self, container: OneContainer, name: str, port: int, last: str = "finished") -> None:
        super().__init__(daemon=True)
        self.container, self.vm, self.port, self.last = container, name, port, last
        self.arguments = self.xml = ""

    def run(self) -> None:
        hypervisor = self.container.hypervisor
        give_up_at = time.monotonic() + PATIENCE_S
        while not self.arguments and time.monotonic() < give_up_at:
            for one in hypervisor.domains():
                if one.name == self.vm and one.state is DomainState.RUNNING:
                    self.xml, uuid = hypervisor.domain_xml(one.uuid), one.uuid
                    line = re.search("<cmdline>(.*)</cmdline>", self.xml)
                    self.arguments = line[1] if line else ""
            time.sleep(0.02)
        token = re.search(r"inst\.ks=\S+/ks/(\S+)", self.arguments)
        assert token is not None
        self.say("GET", f"/ks/{token[1]}", token[1])
        self.say("POST", "/install/disks", token[1], report(BLANK_DISK))
        if self.last == "finished":
            self.say("POST", "/install/partitions", token[1], report(INSTALLED))
            self.say("POST", "/install/finished", token[1])
        elif self.last.startswith("error"):
            self.say("POST", "/install/event", token[1], self.last.encode())
            return
        hypervisor.destroy(uuid)

    def say(self, method: str, path: str, token: str, body: bytes | None = None, status: int = 200) -> None:
        mac = MACS[self.vm]
        headers = {"Authorization": f"Bearer {token}", "X-Quarry-Mac": mac, "X-RHN-Provisioning-Mac-0": f"eth0 {mac}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, headers)
        assert connection.getresponse().status == status
        connection.close()


@dataclass
class Site:
    """Everything for `create host vm`."""

    store: Store
    settings: Settings
    container: OneContainer
    port: int

    def quarry(self, line: str) -> CommandResult:
        return dispatch(line, Context(self.settings, who="anna", store=self.store, connections=self.container))

    def state(self, name: str) -> tuple[DomainState, str]:
        (found,) = [one for one in self.container.hypervisor.domains() if one.name == name]
        return found.state, self.container.hypervisor.domain_xml(found.uuid)

    def follows(self) -> bool:
        """The first job waits for an install to end."""
        with self.store.reading() as rows:
            steps = rows.jobs.steps_of([1]).get(1, [])
        return any(step.kind == StepKind.FOLLOW.value and step.state is StepState.BEGUN for step in steps)

    def play(self, name: str, last: str = "finished") -> PlayedNode:
        node = PlayedNode(self.container, name, self.port, last)
        node.start()
        return node


@pytest.fixture
def site(store: Store, served: tuple[InstallServer, Settings], tmp_path: Path) -> Iterator[Site]:
    container = OneContainer(f"test://{tmp_path}/host.xml")
    yield Site(store, served[1], container, served[0].port)
    container.hypervisor.close()


def test_two_vms_install_at_once_and_boot_from_disk(site: Site) -> None:
    nodes = [site.play(name) for name in MACS]
    result = site.quarry(f"create host vm {FIRST} {SECOND}")
    assert result.status is Status.DONE, result.err
    for node in nodes:
        node.join(PATIENCE_S)
        assert "console=ttyS0" in node.arguments and "ip=10.1.255." in node.arguments
        assert "<on_reboot>destroy" in node.xml, "so that the reboot at its end cannot install again"
        state, xml = site.state(node.vm)
        assert state is DomainState.RUNNING
        assert "<cmdline>" not in xml and "inst.ks" not in xml and "<on_reboot>restart" in xml
        assert f"{node.vm}: [##########] installed" in result.out
    with site.store.reading() as rows:
        assert {one.stage for one in rows.installs.last_of_each().values()} == {InstallStage.DONE}
        assert set(rows.boot.actions().values()) == {"os"}
        kept = "".join(rows.jobs.plan(job.id) for job in rows.jobs.recent())
    for node in nodes:
        token = re.search(r"/ks/(\S+)", node.arguments)
        assert token is not None and token[1] not in kept, "a plan in the store has no token in it"


def test_a_vm_that_stops_early_has_failed_and_is_tried_again(site: Site) -> None:
    site.play(FIRST, last="nothing")
    result = site.quarry(f"create host vm {FIRST}")
    assert result.status is Status.CONTAINER
    assert "the VM stopped before its install ended" in result.err and "tries again" in result.err
    listed = site.quarry(f"list host install {FIRST}")
    assert "failed" in listed.out and "the VM stopped" in listed.out
    assert site.state(FIRST)[0] is DomainState.SHUT_OFF
    site.play(FIRST)
    assert site.quarry(f"create host vm {FIRST}").status is Status.DONE


class FetchingByFirmware(PlayedNode):
    """Its iPXE asks for the boot script before anything else."""

    def run(self) -> None:
        hypervisor = self.container.hypervisor
        give_up_at = time.monotonic() + PATIENCE_S
        while not self.xml and time.monotonic() < give_up_at:
            for one in hypervisor.domains():
                if one.name == self.vm and one.state is DomainState.RUNNING:
                    self.xml, uuid = hypervisor.domain_xml(one.uuid), one.uuid
            time.sleep(0.02)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        connection.request("GET", f"/pxe/{MACS[self.vm]}")
        token = re.search(r"inst\.ks=\S+/ks/(\S+)", connection.getresponse().read().decode())
        connection.close()
        assert token is not None
        self.say("GET", f"/ks/{token[1]}", token[1])
        self.say("POST", "/install/disks", token[1], report(BLANK_DISK))
        self.say("POST", "/install/partitions", token[1], report(INSTALLED))
        self.say("POST", "/install/finished", token[1])
        hypervisor.destroy(uuid)


def test_a_vm_that_fetches_its_installer_boots_from_the_network_once(site: Site) -> None:
    site.quarry(f"set host attr {FIRST} install_boot pxe")
    node = FetchingByFirmware(site.container, FIRST, site.port)
    node.start()
    result = site.quarry(f"create host vm {FIRST}")
    node.join(PATIENCE_S)
    assert result.status is Status.DONE, result.err
    assert re.findall(r"<boot dev=.(\w+)", node.xml) == ["network", "hd"] and "<kernel>" not in node.xml
    assert "<on_reboot>restart" in site.state(FIRST)[1]


def test_an_install_that_is_cancelled_before_its_installer_boots_boots_none(site: Site) -> None:
    record = next(one for one in StoreFleet(site.store).fleet().vms if one.name == FIRST)
    key = VmKey(ContainerName("vm-container-0-0"), record.uuid)
    step = Step(StepKind.INSTALL, key.container, FIRST, key.uuid, "", {"who": "anna"})
    target = TargetPlan(key, FIRST, (step,), DomainState.SHUT_OFF.value)
    around = Surroundings(site.store, site.container.hypervisor, target, cancelled=lambda: True)
    with pytest.raises(Cancelled, match="its installer was not booted"):
        steps.INSTALLS[StepKind.INSTALL](step, around)
    with site.store.reading() as rows:
        assert rows.installs.last_of_each() == {}
    assert all(one.name != FIRST for one in site.container.hypervisor.domains())


def test_an_install_that_is_cancelled_has_a_worthless_ticket_and_says_how_to_go_on(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    with serving(store, AlwaysAsk(), settings.install) as server:
        install = replace(settings.install, url=f"http://127.0.0.1:{server.port}")
        container = OneContainer(f"test://{tmp_path}/host.xml")
        site = Site(store, replace(settings, install=install), container, server.port)
        results: list[CommandResult] = []
        operator = threading.Thread(target=lambda: results.append(site.quarry(f"create host vm {FIRST}")))
        operator.start()
        give_up_at = time.monotonic() + PATIENCE_S
        while not site.follows() and time.monotonic() < give_up_at:
            time.sleep(0.02)
        again = site.quarry(f"create host vm {FIRST}").err
        assert "is held by anna" in again and "stop it first" not in again, "what is held cannot be stopped"
        site.quarry("cancel job 1")
        operator.join(PATIENCE_S)
        with store.reading() as rows:
            (withdrawn,) = rows.installs.last_of_each().values()
        container.hypervisor.close()
    assert withdrawn.stage is InstallStage.REPLACED and withdrawn.detail == "cancelled by an operator"
    told = results[0].err + results[0].out
    assert f"`stop host vm {FIRST}` powers it off, `create host vm {FIRST}` installs it anew" in told


class Restarting(PlayedNode):
    """Waits for its operator, restarts, which ends its domain, and waits on."""

    def __init__(self, container: OneContainer, name: str, port: int) -> None:
        super().__init__(container, name, port)
        self.tokens: tuple[str, ...] = ()
        self.asked, self.answered = threading.Event(), threading.Event()

    def run(self) -> None:
        hypervisor = self.container.hypervisor
        for turn in range(2):
            token = ""
            while not token or token in self.tokens:
                time.sleep(0.02)
                for one in hypervisor.domains():
                    if one.name == self.vm and one.state is DomainState.RUNNING:
                        found = re.search(r"inst\.ks=\S+/ks/(\S+)", hypervisor.domain_xml(one.uuid))
                        token, uuid = found[1] if found else "", one.uuid
            self.tokens += (token,)
            self.say("GET", f"/ks/{token}", token)
            self.say("POST", "/install/disks", token, report(BLANK_DISK), status=202)
            if turn == 0:
                hypervisor.shutdown(uuid)
        self.asked.set()
        self.answered.wait(PATIENCE_S)
        self.say("GET", "/install/answer", token)
        self.say("POST", "/install/partitions", token, report(INSTALLED))
        self.say("POST", "/install/finished", token)
        hypervisor.destroy(uuid)


def test_a_vm_that_restarts_while_it_waits_is_booted_again_and_waits_on(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    layout = tmp_path / "layout.ks"
    layout.write_text("part / --size=1\n", encoding="utf-8")
    with serving(store, AlwaysAsk(), settings.install) as server:
        install = replace(settings.install, url=f"http://127.0.0.1:{server.port}")
        container = OneContainer(f"test://{tmp_path}/host.xml")
        site = Site(store, replace(settings, install=install), container, server.port)
        node = Restarting(container, FIRST, server.port)
        node.start()

        def answer() -> None:
            node.asked.wait(PATIENCE_S)
            site.quarry(f"set host install answer {FIRST} file={layout}")
            node.answered.set()

        operator = threading.Thread(target=answer)
        operator.start()
        result = site.quarry(f"create host vm {FIRST}")
        operator.join(PATIENCE_S)
        node.join(PATIENCE_S)
        container.hypervisor.close()
    assert result.status is Status.DONE, result.err
    assert "its installer is booted again" in result.out
    assert len(set(node.tokens)) == 2, "the token of the first boot is good for nothing in the second"


def test_a_vm_that_cannot_be_booted_has_failed_with_the_reason(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(uuid: str, *, paused: bool = False) -> None:
        raise HypervisorError("vm-container-0-0", f"could not start {FIRST}", "no memory")

    monkeypatch.setattr(site.container.hypervisor, "start", start)
    assert site.quarry(f"create host vm {FIRST}").status is Status.CONTAINER
    listed = site.quarry(f"list host install {FIRST}").out
    assert "failed" in listed and f"its installer could not be booted: could not start {FIRST}: no memory" in listed
    assert "inst.ks" not in site.state(FIRST)[1], "the token is not left behind"


def test_an_installer_that_stands_in_its_error_is_powered_off_and_tried_again(site: Site) -> None:
    site.play(FIRST, last="error disk is full").join(0)
    result = site.quarry(f"create host vm {FIRST}")
    assert "disk is full" in result.err
    assert site.state(FIRST)[0] is DomainState.RUNNING
    again = site.quarry(f"create host vm {FIRST} --dry-run")
    assert "1. power its unfinished installer off" in again.out


def test_a_vm_that_runs_is_not_installed_over(site: Site) -> None:
    site.play(FIRST)
    assert site.quarry(f"create host vm {FIRST}").status is Status.DONE
    result = site.quarry(f"create host vm {FIRST}")
    assert result.status is Status.REFUSED and "stop it first" in result.err


def test_start_with_create_is_the_same(site: Site) -> None:
    shown = site.quarry(f"start host vm {FIRST} create=yes --dry-run")
    assert "wait until it is installed" in shown.out


def test_the_history_of_an_install(site: Site) -> None:
    site.play(FIRST)
    site.quarry(f"create host vm {FIRST}")
    listed = site.quarry(f"list host install {FIRST} events=yes")
    words = [line.split()[4] for line in listed.out.splitlines()[1:]]
    assert words == ["ticket", "boot", "kickstart", "told", "partitions", "finished"], listed.out


def test_refused_when_nobody_serves(store: Store, settings: Settings) -> None:
    nobody = replace(settings, install=replace(settings.install, url="http://127.0.0.1:9"))
    result = dispatch(f"create host vm {FIRST}", Context(nobody, who="anna", store=store))
    assert result.status is Status.CONTAINER
    assert "the install service http://127.0.0.1:9 does not answer" in result.err and "quarry serve" in result.err


def test_a_dry_run_shows_the_steps_and_does_nothing(store: Store, settings: Settings) -> None:
    result = dispatch(f"create host vm {FIRST} --dry-run", Context(settings, who="anna", store=store))
    assert result.status is Status.DONE, result.err
    assert "put the installer on vm-container-0-0" in result.out and "wait until it is installed" in result.out
    with store.reading() as rows:
        assert rows.installs.last_of_each() == {} and rows.jobs.recent() == []


def test_refused_without_an_installer(store: Store, served: tuple[InstallServer, Settings]) -> None:
    settings = replace(served[1], install=replace(served[1].install, kernel=""))
    result = dispatch(f"create host vm {FIRST}", Context(settings, who="anna", store=store))
    assert result.status is Status.REFUSED and "has no installer to boot" in result.err
