"""An operator who installs VMs on a dom0: the house with an install service that its guests reach."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import sys
from base64 import b64decode

from core.install.server import serving
from core.jobs.process import is_running
from core.settings import load_settings
from core.store.install_records import InstallRecord, InstallStage
from core.store.job_records import JobState
from core.store.partition_records import SchemeScope
from partition_editor.schemes.source import SchemeSource
from tests.integration.xen.consoles import PROGRAM, environment
from tests.integration.xen.house import CONSOLES, DISKS, FIRST, XenHouse, eventually
from tests.lab.installer.image import InstallerImage
from tests.lab.xen.frontend import GATEWAY, NETMASK, NETWORK, guest_address
from tests.lab.xen.machine import free_port

MEMORY_MIB = 320
LONG_S = 2400.0
"""For a whole install under emulation on a busy machine."""


class InstallHouse:
    """A house whose VMs boot from their own disks, and whose operator has an installer and the service for it."""

    def __init__(self, house: XenHouse, address: str, image: InstallerImage) -> None:
        self.house = house
        listen = f"{address}:{free_port()}"
        with house.config.open("a", encoding="utf-8") as stream:
            stream.write(
                f'\n[install]\nlisten = "{listen}"\nurl = "http://{listen}"\nkernel = "{image.kernel}"\n'
                f'initrd = "{image.initrd}"\narguments = "quiet"\nsilent_s = 600\nfirst_word_s = {LONG_S}\n'
            )
        self.settings = load_settings({"QUARRY_CONFIG": str(house.config)})
        for name in ("vm_kernel", "vm_initrd", "vm_kernel_args"):
            house.run(f"remove attr {name}")
        house.run(f"add network lab {NETWORK} {NETMASK}")
        house.run(f"set attr Kickstart_PrivateGateway {GATEWAY}")
        self._service = contextlib.ExitStack()

    def __enter__(self) -> InstallHouse:
        """Serve installs."""
        self._service.enter_context(serving(self.house.store, SchemeSource(self.house.store), self.settings.install))
        return self

    def __exit__(self, *_: object) -> None:
        """Leave no worker and no service behind."""
        with self.house.store.reading() as rows:
            marks = [job.worker for job in rows.jobs.recent() if job.worker]
        for mark in marks:
            if is_running(mark):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(mark.split()[0]), signal.SIGKILL)
        self._service.close()

    def add_vm(self, number: int, kind: str, text: str = "", *, interpreter: str = "", words: str = "") -> str:
        """A VM with a blank disk, an address and a scheme."""
        name = self.house.add_vm(f"ip={guest_address(number)} subnet=lab {words}", mem=MEMORY_MIB)
        with self.house.store.begin() as rows:
            rows.schemes.add(SchemeScope.HOST, name, kind=kind, text=text, interpreter=interpreter, who="anna")
        return name

    def quarry(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command in a process of its own; its job runs in a worker."""
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *words], env=environment(self.house), stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=LONG_S, check=False,
        )  # fmt: skip

    def install_of(self, name: str) -> InstallRecord:
        """A VM's last install."""
        with self.house.store.reading() as rows:
            node = rows.nodes.find(name)
            assert node is not None
            return rows.installs.of_node(node.id, limit=1)[0]

    def comes_to(self, name: str, stage: InstallStage, after: InstallRecord) -> None:
        """Wait until the install after another one has come so far; one that fails never does."""

        def is_there() -> bool:
            install = self.install_of(name)
            if install.id == after.id:
                return False
            assert install.stage in (stage, InstallStage.DONE) or not install.stage.is_over, (
                f"{install.detail}\n{self.console(name)[-4000:]}"
            )
            return install.stage is stage

        eventually(is_there, LONG_S)

    def job_ends(self) -> None:
        """Wait until the newest job has ended well."""

        def is_over() -> bool:
            with self.house.store.reading() as rows:
                job = rows.jobs.recent()[0]
            assert job.state in (JobState.DONE, JobState.RUNNING, JobState.WAITING), job
            return job.state is JobState.DONE

        eventually(is_over, LONG_S)

    def console(self, name: str) -> str:
        """All that a VM said on its para console."""
        return self.house.machines[FIRST].ssh(f"cat {CONSOLES}/guest-{name}.log", check=False)

    def sizes(self, name: str) -> list[int]:
        """The sizes of the primary partitions on a VM's disk in MiB, as its own table says."""
        return [size // 2048 for _, size in self._table(name)]

    def in_root(self, name: str, words: str) -> str:
        """What debugfs says of the first file system on a VM's disk."""
        offset = self._table(name)[0][0] * 512
        return self.house.machines[FIRST].ssh(f"debugfs -R '{words}' '{DISKS}/{name}.hda?offset={offset}'")

    def is_blank(self, name: str) -> bool:
        """Nothing was ever written where a disk's label and first file system would begin."""
        return self.house.machines[FIRST].ssh(f"head -c 2097152 {DISKS}/{name}.hda | tr -d '\\0'") == ""

    def _table(self, name: str) -> list[tuple[int, int]]:
        text = self.house.machines[FIRST].ssh(f"head -c 512 {DISKS}/{name}.hda | base64 -w 0")
        rows = struct.iter_unpack("<8xII", b64decode(text)[446:510])
        return [(start, size) for start, size in rows if size]
