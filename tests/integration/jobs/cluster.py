"""A real cluster of two containers for moves: a store, guests that count on their disks, and `quarry` itself."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.inventory.records import StoreFleet
from core.inventory.snapshot import VmRecord
from core.inventory.survey import looking
from core.jobs.desk import Desk
from core.jobs.launch import DetachedLauncher
from core.jobs.view import JobView
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import survey
from core.operations.plan import Plan
from core.remote.carrier import SshCarrier
from core.settings import ContainerSettings, Settings, StoreSettings
from core.store.job_records import JobState, StepState
from core.store.records import NewDisk, Scope
from core.store.store import Store
from tests.integration.hypervisor.helping import eventually
from tests.integration.jobs.conftest import DISKS, FIRST, SECOND
from tests.lab.netns.lab import Lab
from tests.lab.netns.needs import program

_QUARRY = "import sys; from tui.main import main; sys.exit(main())"

PATIENCE_S = 120.0
"""For anything a loaded machine may take its time for."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a guest is, where it could go, and its boots and ticks at that moment."""

    here: str
    there: str
    counter: tuple[int, int]


@dataclass
class Cluster:
    """Both containers, their store, and commands as an operator types them."""

    lab: Lab
    store: Store
    url: str
    folder: Path
    carrier: SshCarrier

    @classmethod
    def build(cls, lab: Lab, folder: Path) -> Cluster:
        url = f"sqlite:///{folder / 'quarry.sqlite'}"
        store = Store.open(url, busy_timeout_s=30)
        with store.begin() as rows:
            for rank, name in enumerate((FIRST, SECOND)):
                house = rows.nodes.add(name, membership="VM Container", cpus=2, rack=0, rank=rank)
                rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", lab.containers[name].uri)
        carrier = SshCarrier(lambda name: lab.containers[name].uri, lab.settings())
        return cls(lab, store, url, folder, carrier)

    @property
    def config_file(self) -> Path:
        """The lab's settings, quicker to notice a line that is cut."""
        path = self.folder / "quarry.toml"
        if not path.exists():
            quick = "keepalive_s = 2\nkeepalive_count = 3\nconnect_timeout_s = 10.0\ncall_timeout_s = 20.0\n"
            path.write_text(self.lab.config_file.read_text(encoding="utf-8") + quick, encoding="utf-8")
        return path

    @property
    def settings(self) -> Settings:
        found = self.lab.settings()
        assert isinstance(found, ContainerSettings)
        return Settings(store=StoreSettings(self.url), containers=found)

    def desk(self, who: str = "ann") -> Desk:
        return Desk(self.store, who, DetachedLauncher(self.settings))

    def standing(self, name: str) -> Place:
        """A guest that counts, whole and alone, wherever it is; made anew when the last test left it otherwise."""
        if not self._is_whole(name):
            self.sweep()
            self.add(name)
        here = self.record(name).container
        return Place(here, SECOND if here == FIRST else FIRST, self.counter(name))

    def add(self, name: str, *, data_mb: int = 32, size_mb: int = 256) -> None:
        """A guest on the first container, running, whose disk has some random data behind the counter."""
        guest = self.lab.guest
        with self.store.begin() as rows:
            house = rows.nodes.find(FIRST)
            assert house is not None
            node = rows.nodes.add(name, membership="Compute", cpus=1, rack=0, rank=0)
            vm = rows.vms.add(node.id, house.id, rows.allocation.next_slice(house.id), mem=96, virt_type="hvm")
            rows.vms.set_disks(vm, [NewDisk("file", DISKS, f"{name}.vda", "vda", "virtio", 1)])
            for word, value in (
                ("vm_kernel", str(guest.kernel)),
                ("vm_initrd", str(guest.initrd)),
                ("vm_kernel_args", f"{guest.arguments} name={name}"),
            ):
                rows.attributes.set(Scope.HOST, node.id, word, value)
        path = f"{DISKS}/{name}.vda"
        self.lab.containers[FIRST].run(
            "bash",
            "-c",
            f"mkdir -p {DISKS}; truncate -s {size_mb}M {path};"
            f" dd if=/dev/urandom of={path} bs=1M seek=1 count={data_mb} conv=notrunc status=none; sync {path}",
        )
        done = self.quarry(f"start host vm {name}")
        assert (done.returncode, done.stderr) == (0, ""), done
        eventually(lambda: self.ticks(name) > 1, within_s=PATIENCE_S)

    def record(self, name: str) -> VmRecord:
        return next(one for one in StoreFleet(self.store).fleet().vms if one.name == name)

    def states(self, name: str) -> dict[str, str]:
        """Container → virsh's word, where it is defined."""
        found: dict[str, str] = {}
        for container in (FIRST, SECOND):
            for line in self.lab.virsh(container, "list", "--all").splitlines():
                words = line.split(None, 2)
                if len(words) == 3 and words[1] == name:
                    found[container] = words[2].strip()
        return found

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
            env=self._environment,
            stdin=subprocess.DEVNULL,
        )

    @property
    def _environment(self) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if key != "SUDO_USER"}
        return {**kept, "LOGNAME": "ann", "QUARRY_CONFIG": str(self.config_file), "QUARRY_STORE": self.url}

    def begin(self, line: str) -> int:
        """Type a command that becomes a job and have the line drop once it is at work; the job's number."""
        before = {one.record.id for one in self.desk().jobs()}
        process = subprocess.Popen(
            [sys.executable, "-c", _QUARRY, *line.split()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self._environment,
            stdin=subprocess.DEVNULL,
        )
        try:
            give_up_at = time.monotonic() + PATIENCE_S
            while time.monotonic() < give_up_at:
                new = [one.record for one in self.desk().jobs() if one.record.id not in before]
                if new and new[0].state is not JobState.WAITING:
                    return new[0].id
                if not new and process.poll() is not None:
                    raise AssertionError(f"no job: {process.communicate()}")
                time.sleep(0.01)
            raise AssertionError("no job came")
        finally:
            process.kill()
            process.communicate()

    def submit(self, name: str, destination: str, **wishes: Any) -> int:
        """What the command does up to handing the job in, without the start of a process."""
        with looking(self.store, self.settings, needed={FIRST, SECOND}) as look:
            found = survey([name], destination, look.snapshot, look.hypervisors, self.carrier)
            plan = plan_move([name], destination, look.snapshot, found, Wishes(**wishes))
        assert isinstance(plan, Plan), plan
        job = self.desk().submit(plan)
        assert isinstance(job, int), job
        return job

    def kill_in(self, job: int, kind: str) -> bool:
        """kill -9 the worker when a step of this kind has begun; False when the job was over before."""

        def begun(view: JobView) -> bool:
            return any(step.kind == kind and step.state is not StepState.WAITING for step in view.steps)

        return self.kill_when(job, begun)

    def kill_guest(self, container: str, name: str) -> None:
        """kill -9 the VM's QEMU on a container, as a defect or the kernel out of memory would."""
        self.lab.containers[container].run("bash", "-c", f"kill -9 $(cat /run/libvirt/qemu/{name}.pid)")

    @contextmanager
    def cut_off(self, container: str) -> Iterator[None]:
        """A container whose cable is pulled meanwhile."""
        found = self.lab.containers[container]
        cable = f"{found.bridge}-{found.index}"
        subprocess.run([program("ip"), "link", "set", cable, "down"], check=True)
        try:
            yield
        finally:
            subprocess.run([program("ip"), "link", "set", cable, "up"], check=True)

    def kill_when(self, job: int, ready: Callable[[JobView], bool]) -> bool:
        """kill -9 the worker as soon as this is so, and see it gone; False when the job was over before."""
        give_up_at = time.monotonic() + PATIENCE_S
        while time.monotonic() < give_up_at:
            view = self._view(job)
            if view.record.state.is_over:
                return False
            if view.alive and ready(view):
                os.kill(int(view.record.worker.split()[0]), signal.SIGKILL)
                # The signal is sent, not yet taken: a worker within a system call lives on for a moment.
                eventually(lambda: not self._view(job).alive, PATIENCE_S)
                return not self._view(job).record.state.is_over
            time.sleep(0.01)
        raise AssertionError("it never came so far")

    def _view(self, job: int) -> JobView:
        view = self.desk().job(job)
        assert view is not None
        return view

    def over(self, job: int, within_s: float = 2 * PATIENCE_S) -> JobView:
        """Wait for a job's end."""

        def ended() -> JobView | None:
            view = self.desk().job(job)
            assert view is not None
            return view if view.record.state.is_over else None

        found = eventually(ended, within_s)
        assert found is not None
        return found

    def sweep(self) -> None:
        """Every worker, guest, disk and row of a VM away."""
        for view in self.desk().jobs():
            if view.alive:
                os.kill(int(view.record.worker.split()[0]), signal.SIGKILL)
        for one in StoreFleet(self.store).fleet().vms:
            for name in (FIRST, SECOND):
                self.lab.virsh(name, "destroy", one.name, check=False)
                self.lab.virsh(name, "undefine", one.name, "--managed-save", check=False)
            with self.store.begin() as rows:
                vm = rows.vms.find(one.name)
                assert vm is not None
                rows.locks.release(vm.node)
                rows.vms.remove(vm.id)
                rows.nodes.remove(vm.node)
        for name in (FIRST, SECOND):
            self.lab.containers[name].run("bash", "-c", f"rm -rf {DISKS}")

    def close(self) -> None:
        """Sweep, and let go of the store."""
        self.sweep()
        self.carrier.close()
        self.store.close()

    def _is_whole(self, name: str) -> bool:
        record = next((one for one in StoreFleet(self.store).fleet().vms if one.name == name), None)
        if record is None or self.states(name) != {record.container: "running"}:
            return False
        with self.store.reading() as rows:
            if rows.locks.all():
                return False
        before = self.ticks(name)
        other = SECOND if record.container == FIRST else FIRST
        if self.files(record.container) != [f"{name}.vda"] or self.files(other):
            return False
        give_up_at = time.monotonic() + PATIENCE_S
        while self.ticks(name) <= before and time.monotonic() < give_up_at:
            time.sleep(0.1)
        return self.ticks(name) > before
