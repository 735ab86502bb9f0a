"""A real cluster of two containers for moves: a store, guests that count on their disks, and `quarry` itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.definition import DomainOptions, domain_for
from core.hypervisor.model import ContainerName, DomainState
from core.inventory.records import StoreFleet
from core.inventory.snapshot import VmRecord
from core.jobs.desk import Desk
from core.jobs.launch import DetachedLauncher
from core.jobs.view import JobView
from core.settings import ContainerSettings, Settings, StoreSettings
from core.store.records import NewDisk, Scope, StepState
from core.store.store import Store
from tests.integration.hypervisor.helping import eventually
from tests.integration.jobs.conftest import DISKS, FIRST, SECOND
from tests.lab.netns.lab import Lab

_QUARRY = "import sys; from tui.main import main; sys.exit(main())"


@dataclass
class Cluster:
    """Both containers, their store, and commands as an operator types them."""

    lab: Lab
    store: Store
    url: str
    folder: Path

    @classmethod
    def build(cls, lab: Lab, folder: Path) -> Cluster:
        url = f"sqlite:///{folder / 'quarry.sqlite'}"
        store = Store.open(url, busy_timeout_s=30)
        with store.begin() as rows:
            for rank, name in enumerate((FIRST, SECOND)):
                house = rows.nodes.add(name, membership="VM Container", cpus=2, rack=0, rank=rank)
                rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", lab.containers[name].uri)
        return cls(lab, store, url, folder)

    @property
    def settings(self) -> Settings:
        found = self.lab.settings()
        assert isinstance(found, ContainerSettings)
        return Settings(store=StoreSettings(self.url), containers=found)

    def desk(self, who: str = "ann") -> Desk:
        return Desk(self.store, who, DetachedLauncher(self.settings))

    def add(self, name: str, *, data_mb: int = 40, size_mb: int = 256, start: bool = True) -> VmRecord:
        """A guest on the first container whose disk has some random data behind the counter."""
        with self.store.begin() as rows:
            house = rows.nodes.find(FIRST)
            assert house is not None
            node = rows.nodes.add(name, membership="Compute", cpus=1, rack=0, rank=0)
            vm = rows.vms.add(node.id, house.id, rows.allocation.next_slice(house.id), mem=96, virt_type="hvm")
            rows.vms.set_disks(vm, [NewDisk("file", DISKS, f"{name}.vda", "vda", "virtio", 1)])
        path = f"{DISKS}/{name}.vda"
        self.lab.containers[FIRST].run(
            "bash",
            "-c",
            f"mkdir -p {DISKS}; truncate -s {size_mb}M {path};"
            f" dd if=/dev/urandom of={path} bs=1M seek=1 count={data_mb} conv=notrunc status=none; sync {path}",
        )
        record = self.record(name)
        here = self.connect(FIRST)
        try:
            guest = self.lab.guest
            options = DomainOptions(
                kernel=str(guest.kernel),
                initrd=str(guest.initrd),
                arguments=f"{guest.arguments} name={name}",
                bridge="br0",
            )
            xml = domain_for(replace(record, interfaces=()), here.host(), options)
            assert isinstance(xml, str), xml
            here.define(xml)
            if start:
                here.start(record.uuid)
        finally:
            here.close()
        if start:
            eventually(lambda: self.ticks(name) > 1, within_s=90)
        return record

    def record(self, name: str) -> VmRecord:
        return next(one for one in StoreFleet(self.store).fleet().vms if one.name == name)

    def connect(self, name: str) -> LibvirtHypervisor:
        made = LibvirtHypervisor(ContainerName(name), self.lab.containers[name].uri, self.lab.settings())
        made.open()
        return made

    def states(self, name: str) -> dict[str, DomainState]:
        """Container → state, where it is defined."""
        uuid = self.record(name).uuid
        found: dict[str, DomainState] = {}
        for container in (FIRST, SECOND):
            here = self.connect(container)
            for one in here.domains():
                if one.uuid == uuid:
                    found[container] = one.state
            here.close()
        return found

    def has_disk(self, container: str, name: str) -> bool:
        return name + ".vda" in self.files(container)

    def files(self, container: str) -> list[str]:
        return self.lab.containers[container].run("bash", "-c", f"ls {DISKS} 2>/dev/null || true").split()

    def counter(self, name: str) -> tuple[int, int]:
        """How often it booted and how far it has counted, from the disk of the container the store says."""
        path = f"{DISKS}/{name}.vda"
        text = self.lab.containers[self.record(name).container].run(
            "dd", f"if={path}", "bs=512", "count=1", "status=none", "iflag=direct", check=False
        )
        match = re.match(r"boots (\d+)\nticks (\d+)", text)
        return (int(match.group(1)), int(match.group(2))) if match else (0, 0)

    def ticks(self, name: str) -> int:
        return self.counter(name)[1]

    def quarry(self, line: str, timeout_s: float = 180) -> subprocess.CompletedProcess[str]:
        """A command as typed on the frontend."""
        return subprocess.run(
            [sys.executable, "-c", _QUARRY, *line.split()],
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
            env={**os.environ, "QUARRY_CONFIG": str(self.lab.config_file), "QUARRY_STORE": self.url},
            stdin=subprocess.DEVNULL,
        )

    def begin(self, line: str) -> int:
        """Type a command that becomes a job and walk away; the job's number."""
        before = {one.record.id for one in self.desk().jobs()}
        process = subprocess.Popen(
            [sys.executable, "-c", _QUARRY, *line.split()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "QUARRY_CONFIG": str(self.lab.config_file), "QUARRY_STORE": self.url},
            stdin=subprocess.DEVNULL,
        )
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            new = [one.record.id for one in self.desk().jobs() if one.record.id not in before]
            if new:
                process.kill()
                process.communicate()
                return new[0]
            if process.poll() is not None:
                raise AssertionError(f"no job: {process.communicate()}")
            time.sleep(0.02)
        process.kill()
        raise AssertionError("no job came")

    def kill_in(self, job: int, kind: str) -> bool:
        """kill -9 the worker when a step of this kind has begun; False when the job was over before."""

        def begun(view: JobView) -> bool:
            return any(step.kind == kind and step.state is not StepState.WAITING for step in view.steps)

        return self.kill_when(job, begun)

    def kill_when(self, job: int, ready: Callable[[JobView], bool]) -> bool:
        give_up_at = time.monotonic() + 120
        while time.monotonic() < give_up_at:
            view = self.desk().job(job)
            assert view is not None
            if view.record.state.is_over:
                return False
            if view.alive and ready(view):
                os.kill(int(view.record.worker.split()[0]), signal.SIGKILL)
                return True
            time.sleep(0.01)
        raise AssertionError("it never came so far")

    def over(self, job: int, within_s: float = 120) -> JobView:
        """Wait for a job's end."""

        def ended() -> JobView | None:
            view = self.desk().job(job)
            assert view is not None
            return view if view.record.state.is_over else None

        found = eventually(ended, within_s)
        assert found is not None
        return found

    def clean(self) -> None:
        """Every guest and disk away."""
        for one in StoreFleet(self.store).fleet().vms:
            for name in (FIRST, SECOND):
                self.lab.virsh(name, "destroy", one.name, check=False)
                self.lab.virsh(name, "undefine", one.name, "--managed-save", check=False)
        for name in (FIRST, SECOND):
            self.lab.containers[name].run("bash", "-c", f"rm -rf {DISKS}")
        self.store.close()
