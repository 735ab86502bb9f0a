"""One running dom0: cold boot, saved machine state, resume in seconds, SSH, stop by pid."""

from __future__ import annotations

import hashlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.cache import building
from tests.lab.xen.image import Dom0Image, dom0_image

MEMORY_MIB = 3072
DOM0_MEMORY_MIB = 896
COLD_BOOT_S = 900.0
RESUME_S = 300.0

BOOT = (
    "dom0_max_vcpus=1 bootscrub=false console=com1 com1=115200,8n1",
    "root=/dev/vda rw console=hvc0 net.ifnames=0 quiet",
)
"""Command lines of Xen and of dom0's kernel."""


class LabError(Exception):
    """A dom0 could not be brought up."""


@dataclass(slots=True)
class Dom0:
    """A dom0 under QEMU on loopback.

    Attributes:
        name: What its host name is set to.
        folder: Its overlay disk, logs and monitor socket live here.
        port: Loopback port forwarded to its SSH server.
    """

    name: str
    folder: Path
    port: int
    image: Dom0Image
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def uri(self) -> str:
        """The libvirt URI without key parameters."""
        return f"xen+ssh://root@127.0.0.1:{self.port}/system"

    @property
    def known_hosts(self) -> Path:
        """A known-hosts file with exactly this machine's key."""
        path = self.folder / "known_hosts"
        path.write_text(f"[127.0.0.1]:{self.port} {self.image.host_key}\n")
        return path

    @property
    def pid(self) -> int | None:
        """The QEMU process, or None when it does not run."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def ssh(self, command: str, *, timeout_s: float = 120, check: bool = True) -> str:
        """Run a shell command as root on dom0 and return its output.

        Raises:
            LabError: It failed (with `check`) or took too long.
        """
        words = [*self.ssh_words(), command]
        try:
            done = subprocess.run(
                words, check=False, capture_output=True, text=True, timeout=timeout_s, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"{self.name}: no answer in {timeout_s} s: {command}") from error
        if check and done.returncode != 0:
            raise LabError(f"{self.name}: {command}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def ssh_words(self) -> list[str]:
        """The ssh command line up to the host."""
        options = (
            "BatchMode=yes",
            "ConnectTimeout=20",
            "StrictHostKeyChecking=yes",
            f"UserKnownHostsFile={self.known_hosts}",
            # One connection for all commands: making one takes seconds under emulation.
            "ControlMaster=auto",
            f"ControlPath={self.folder}/ssh",
            "ControlPersist=120",
        )
        words = ["ssh", "-i", str(self.image.key), "-p", str(self.port)]
        for option in options:
            words += ["-o", option]
        return [*words, "root@127.0.0.1"]

    def put(self, source: Path, target: str) -> None:
        """Copy a local file to dom0."""
        with source.open("rb") as stream:
            subprocess.run([*self.ssh_words(), f"cat > {target}"], stdin=stream, check=True, timeout=300)

    def virsh(self, *words: str) -> str:
        """Run virsh on dom0."""
        return self.ssh("virsh -c xen:///system " + " ".join(words))

    def boot(self, *, state: Path | None = None, backing: Path | None = None) -> None:
        """Start QEMU on a fresh overlay; with `state` and its `backing` disk resume the saved machine."""
        disk = self.folder / "disk.qcow2"
        disk.unlink(missing_ok=True)
        _image("create", "-q", "-f", "qcow2", "-b", str(backing or self.image.disk), "-F", "qcow2", str(disk))
        words = _qemu_words(self, disk)
        if state is not None:
            words += ["-incoming", f"exec:cat {state}"]
        # It ends with the tests, also when they are killed.
        words = ["setpriv", "--pdeathsig", "TERM", *words]
        with (self.folder / "qemu.log").open("wb") as log:
            self._process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        if state is not None:
            self.monitor("cont", wait_for=r"running", query="info status", timeout_s=RESUME_S)
        self._wait_for_libvirt(COLD_BOOT_S if state is None else RESUME_S)

    def rename(self) -> None:
        """Give a resumed copy its own host name, and today's date."""
        self.ssh(
            f"hostname {self.name}; echo {self.name} > /etc/hostname; echo 127.0.1.1 {self.name} >> /etc/hosts;"
            f" date -s @{int(time.time())} > /dev/null"
        )

    def save_state(self, target: Path) -> None:
        """Stop the machine and write its memory to a file; the overlay disk then belongs to that state."""
        self.monitor("stop")
        self.monitor(
            f'migrate "exec:cat > {target}"',
            wait_for=r"Migration status: completed",
            query="info migrate",
            timeout_s=300,
        )
        self.stop()

    def stop(self) -> None:
        """End the SSH connection and the QEMU process, by its pid."""
        if self._process is None:
            return
        if (self.folder / "ssh").exists():
            subprocess.run([*self.ssh_words(), "-O", "exit"], capture_output=True, check=False, timeout=60)
        if self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(20)

    def monitor(self, command: str, *, wait_for: str = "", query: str = "", timeout_s: float = 30) -> str:
        """Say a line to QEMU's monitor; with `wait_for`, repeat `query` until its answer matches."""
        answer = self._say(command)
        deadline = time.monotonic() + timeout_s
        while wait_for:
            answer = self._say(query)
            if re.search(wait_for, answer):
                break
            if time.monotonic() > deadline:
                raise LabError(f"{self.name}: {command}: still {answer.strip()!r} after {timeout_s} s")
            if command == "cont":
                self._say(command)
            time.sleep(0.3)
        return answer

    def _say(self, line: str) -> str:
        deadline = time.monotonic() + 30
        while True:
            if self.pid is None:
                raise LabError(f"{self.name}: QEMU ended: {(self.folder / 'qemu.log').read_text().strip()}")
            try:
                with socket.socket(socket.AF_UNIX) as link:
                    link.settimeout(5)
                    link.connect(str(self.folder / "monitor"))
                    return _dialogue(link, line)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def _wait_for_libvirt(self, timeout_s: float) -> None:
        deadline = time.monotonic() + timeout_s
        while True:
            with suppress(LabError):
                if "Domain-0" in self.ssh("virsh -c xen:///system list --all", timeout_s=40):
                    return
            if self.pid is None:
                raise LabError(f"{self.name}: QEMU ended: {(self.folder / 'qemu.log').read_text().strip()}")
            if time.monotonic() > deadline:
                tail = (self.folder / "serial.log").read_bytes()[-1500:].decode(errors="replace")
                raise LabError(f"{self.name}: no libvirt after {timeout_s} s; the serial line ends with:\n{tail}")
            time.sleep(1)


def _dialogue(link: socket.socket, line: str) -> str:
    def until_prompt() -> bytes:
        seen = b""
        while not seen.endswith(b"(qemu) "):
            chunk = link.recv(4096)
            if not chunk:
                break
            seen += chunk
        return seen

    until_prompt()
    link.sendall(line.encode() + b"\n")
    return until_prompt().decode(errors="replace")


def _image(*words: str) -> None:
    subprocess.run(["qemu-img", *words], check=True, capture_output=True)


def _qemu_words(machine: Dom0, disk: Path) -> list[str]:
    image = machine.image
    memory = f"dom0_mem={DOM0_MEMORY_MIB}M,max:{DOM0_MEMORY_MIB}M"
    xen = f"{memory} {BOOT[0]}"
    return [
        *("qemu-system-x86_64", "-M", "pc", "-accel", "tcg,thread=multi", "-cpu", "qemu64,+svm,+npt"),
        *("-m", str(MEMORY_MIB), "-smp", "2", "-display", "none", "-nodefaults", "-no-reboot"),
        *("-kernel", str(image.hypervisor), "-append", xen),
        *("-initrd", f"{image.kernel} {BOOT[1]},{image.initrd}"),
        *("-drive", f"file={disk},if=virtio,format=qcow2,cache=unsafe"),
        *(
            "-netdev",
            f"user,id=net0,hostfwd=tcp:127.0.0.1:{machine.port}-:22",
            "-device",
            "virtio-net-pci,netdev=net0",
        ),
        *("-device", "virtio-rng-pci", "-serial", f"file:{machine.folder / 'serial.log'}"),
        *("-monitor", f"unix:{machine.folder / 'monitor'},server,nowait"),
    ]


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def saved_machine(prepare: Callable[[Dom0], None], recipe: str) -> tuple[Path, Path]:
    """The cached state file and its disk, made by one cold boot when missing; tied to the QEMU that made it.

    Args:
        prepare: Puts on the booted machine what every copy of it is to have.
        recipe: Changes whenever `prepare` does.
    """
    image = dom0_image()
    version = re.search(r"version (\S+)", _version())
    made_of = f"{version.group(1) if version else 'unknown'} {MEMORY_MIB} {DOM0_MEMORY_MIB} {BOOT} {recipe}"
    folder = image.disk.parent / f"state-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    state, disk = folder / "state", folder / "disk.qcow2"
    with building(image.disk.parent):
        if not (folder / "complete").exists():
            for old in image.disk.parent.glob("state-*"):
                shutil.rmtree(old)
            folder.mkdir()
            machine = Dom0("dom0", folder, free_port(), image)
            try:
                machine.boot()
                prepare(machine)
                machine.save_state(state)
            finally:
                machine.stop()
            (folder / "complete").touch()
    return state, disk


def resume_dom0(name: str, folder: Path, prepare: Callable[[Dom0], None], recipe: str) -> Dom0:
    """A fresh copy of the saved machine under a name of its own, running."""
    state, disk = saved_machine(prepare, recipe)
    folder.mkdir(parents=True, exist_ok=True)
    machine = Dom0(name, folder, free_port(), dom0_image())
    try:
        machine.boot(state=state, backing=disk)
        machine.rename()
    except BaseException:
        machine.stop()
        raise
    return machine


def _version() -> str:
    return subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True, check=True).stdout
