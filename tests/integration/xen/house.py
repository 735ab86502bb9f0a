"""An operator whose container is a real Xen dom0: a store, open connections, commands, and a look from beside."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from core.commands.context import Context
from core.commands.dispatch import dispatch
from core.commands.refusal import Status
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import ContainerName, DomainEvent, DomainFacts, DomainState, EventKind, LinkState
from core.hypervisor.pool import HypervisorPool
from core.settings import ContainerSettings, load_settings
from core.store.store import Store
from tests.lab.xen.guest import ARGUMENTS, INITRD, KERNEL, PARTITION
from tests.lab.xen.machine import Dom0

FIRST, SECOND = "vm-container-0-0", "vm-container-0-1"
DISKS = f"{PARTITION}/xen/disks"
CONSOLES = "/var/log/xen/console"
"""Where xenconsoled keeps what para consoles said."""

PATIENCE_S = 600.0
"""For anything a guest under emulation does on a busy machine."""

LOOK_S = 2.0
"""Between looks; each costs the emulated machine a good part of a second."""

T = TypeVar("T")


def eventually(ask: Callable[[], T], within_s: float = PATIENCE_S) -> T:
    """Ask until the answer is true, and return it."""
    give_up_at = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < give_up_at, "it did not come about"
        time.sleep(LOOK_S)
    return answer


class Lines:
    """Open connections to containers, used by one house after the other.

    Attributes:
        events: What the containers told, in order.
    """

    def __init__(self, key: Path, folder: Path) -> None:
        self.known_hosts = folder / "known_hosts"
        self.containers = ContainerSettings(
            keyfile=str(key),
            known_hosts=str(self.known_hosts),
            connect_timeout_s=120,
            call_timeout_s=120,
            survey_s=120,
            keepalive_s=60,
        )
        self.events: list[DomainEvent] = []
        self.pool = HypervisorPool(self.containers, self.events.append, lambda name, report: None)

    def reach(self, machines: Sequence[Dom0]) -> None:
        """Be connected to exactly these."""
        text = "".join(machine.known_hosts.read_text(encoding="utf-8") for machine in machines)
        self.known_hosts.write_text(text, encoding="utf-8")
        self.pool.set_containers({ContainerName(machine.name): machine.uri for machine in machines})
        for machine in machines:
            eventually(lambda name=machine.name: self._is_up(name))  # type: ignore[misc]

    def _is_up(self, name: str) -> bool:
        report = self.pool.report(ContainerName(name))
        return report is not None and report.state is LinkState.UP


class XenHouse:
    """Commands run in this process over connections that stay open, as the screen's command bar runs them.

    Attributes:
        events: What the containers told, in order.
    """

    def __init__(self, lines: Lines, machines: Sequence[Dom0], folder: Path) -> None:
        self.lines = lines
        self.machines = {machine.name: machine for machine in machines}
        self.folder = folder
        self.config = folder / "quarry.toml"
        one = lines.containers
        self.config.write_text(
            f'[store]\nurl = "sqlite:///{folder}/quarry.sqlite"\n\n'
            f'[containers]\nkeyfile = "{one.keyfile}"\nknown_hosts = "{one.known_hosts}"\n'
            f"connect_timeout_s = {one.connect_timeout_s}\ncall_timeout_s = {one.call_timeout_s}\n"
            f"survey_s = {one.survey_s}\nkeepalive_s = {one.keepalive_s}\n",
            encoding="utf-8",
        )
        self.settings = load_settings({"QUARRY_CONFIG": str(self.config)})
        self.store = Store.open(self.settings.store_url)
        self.events, self.pool = lines.events, lines.pool
        self.events.clear()

    def settle(self) -> None:
        """Add the containers to the store, with the guest's kernel for their VMs, and connect."""
        for machine in self.machines.values():
            self.run(f"add host {machine.name} uri={machine.uri}")
            self.run(f"add host partition {machine.name} sda5 mountpoint={PARTITION} size=32GB")
        self.run(f"set attr vm_kernel {KERNEL}")
        self.run(f"set attr vm_initrd {INITRD}")
        self.run(f"set attr vm_kernel_args value='{ARGUMENTS} console=hvc0 root=/dev/ram0'")
        self.run("set attr vm_bridge xenbr0")
        self.lines.reach(list(self.machines.values()))

    def run(self, line: str, status: Status = Status.DONE) -> str:
        """Run a command as an operator who says yes; returns its output, or its complaint where one is expected."""
        context = Context(self.settings, ask=lambda _: True, store=self.store, connections=self.pool)
        result = dispatch(line, context)
        assert result.status is status, f"{line}: {result}"
        return result.out if status is Status.DONE else result.err

    def add_vm(self, words: str = "", *, mem: int = 96) -> str:
        """Add a small VM and return its name."""
        said = self.run(f"add host vm {FIRST} Compute mem={mem} disksize=1 {words}")
        match = re.search(r'vm_name "([^"]+)"', said) or re.match(r"added VM (\S+)", said)
        assert match, said
        return match[1]

    def hvm(self) -> str:
        """Add a small fully virtualized VM and return its name."""
        name = self.add_vm("virt-type=hvm", mem=128)
        self.run(f"set host attr {name} vm_kernel_args value='{ARGUMENTS} console=ttyS0'")
        return name

    def status(self, name: str) -> str | None:
        """STATUS as ``list host vm`` has it."""
        rows = json.loads(self.run(f"list host vm {name} status=yes output-format=json"))
        found: str | None = rows[0]["status"]
        return found

    def hypervisor(self, container: str = FIRST) -> Hypervisor:
        """A container's connection."""
        return self.pool.get(ContainerName(container))

    def facts(self, name: str, container: str = FIRST) -> DomainFacts | None:
        """The domain of a VM, None when there is none."""
        return next((one for one in self.hypervisor(container).domains() if one.name == name), None)

    def domain_id(self, name: str) -> int | None:
        """Xen's number of a running VM."""
        facts = self.facts(name)
        return facts.domain_id if facts else None

    def told(self) -> list[EventKind]:
        """What the containers told since the events were cleared, but for definitions that were read late."""
        return [event.kind for event in self.events if event.kind is not EventKind.CHANGED]

    def disk_says(self, name: str, container: str = FIRST, folder: str = DISKS) -> tuple[int, int]:
        """Boots and ticks that the guest has counted on its disk."""
        text = self.machines[container].ssh(f"exec head -c 64 {folder}/{name}.hda")
        found = re.match(r"boots (\d+)\nticks (\d+)", text)
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def ticks_on(self, name: str, container: str = FIRST, folder: str = DISKS) -> tuple[int, int]:
        """Wait until the guest counts on, and return what it says then."""
        before = self.disk_says(name, container, folder)
        return eventually(lambda: (now := self.disk_says(name, container, folder)) > before and now) or before

    def boots(self, name: str, count: int) -> None:
        """Wait until the guest has booted so often."""
        eventually(lambda: self.disk_says(name)[0] >= count)
        assert self.disk_says(name)[0] == count

    def close(self) -> None:
        """Leave the containers empty."""
        self.store.close()
        for machine in self.machines.values():
            clear(machine, self.hypervisor(machine.name))


def clear(machine: Dom0, hypervisor: Hypervisor) -> None:
    """Nothing of libvirt's is left on a dom0, whoever made it, and no files."""
    for facts in hypervisor.domains():
        if facts.state not in (DomainState.SHUT_OFF, DomainState.SAVED):
            hypervisor.destroy(facts.uuid)
        if facts.persistent:
            hypervisor.undefine(facts.uuid)
    machine.ssh(f"rm -rf {DISKS}/* {CONSOLES}/guest-* /tmp/*.cfg /tmp/*.xml", timeout_s=300)
