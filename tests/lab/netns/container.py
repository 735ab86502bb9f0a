"""One VM container of the lab: its namespaces, its daemons, and what can be done to it from outside."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.netns.needs import program

PRIVATE = {
    "etc-libvirt": "/etc/libvirt",
    "lib-libvirt": "/var/lib/libvirt",
    "log-libvirt": "/var/log/libvirt",
    "cache-libvirt": "/var/cache/libvirt",
    "lib-quarry": "/var/lib/quarry",
    "run": "/run",
}
"""Folder of the lab → where this container sees it."""

DISK_BYTES = 1024**4
"""Of ``/state/partition1``: sparse, and larger than any root disk, as on a container that Rocks installed."""

_QEMU_CONF = """user = "root"
group = "root"
security_driver = "none"
cgroup_controllers = []
namespaces = []
remember_owner = 0
stdio_handler = "file"
max_files = 0
"""

_SSHD_CONF = """ListenAddress {address}
HostKey {base}/host_key
AuthorizedKeysFile {authorized}
PidFile /run/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin yes
PasswordAuthentication no
MaxStartups 200
MaxSessions 200
UseDNS no
Subsystem sftp internal-sftp
"""

# A KVM that cannot be opened for writing is none to libvirt; one that opens and fails is probed again at every call.
_FIRST_PROCESS = """
set -e
hostname "$NAME"
mount -t sysfs sysfs /sys
for pair in $BINDS; do mkdir -p "${pair#*:}"; mount --bind "${pair%%:*}" "${pair#*:}"; done
mkdir -p /run/sshd /run/lock /run/libvirt /state/partition1
mount -o loop,noatime "$BASE/partition1.img" /state/partition1 || mount --bind "$BASE/partition1" /state/partition1
if [ "$HIDE_KVM" = 1 ] && [ -e /dev/kvm ]; then
    : > "$BASE/no-kvm"
    mount --bind "$BASE/no-kvm" /dev/kvm
    mount -o remount,bind,ro /dev/kvm
fi
: > "$BASE/ready"
while :; do sleep 60 & wait $! || true; done
"""


@dataclass(slots=True)
class LabContainer:
    """A container of the lab.

    Attributes:
        base: Folder with everything it keeps over a power cut.
        index: 0, 1…; decides its address.
        pid: Its first process as seen from here; None while it is off.
    """

    name: str
    base: Path
    index: int
    network: str
    bridge: str
    use_kvm: bool
    pid: int | None = None

    @property
    def address(self) -> str:
        """IP address, reachable from the frontend and the other containers."""
        return f"{self.network}.{10 + self.index}"

    @property
    def uri(self) -> str:
        """libvirt URI as an operator would store it."""
        return f"qemu+ssh://root@{self.address}/system"

    @property
    def socket(self) -> Path:
        """libvirtd's socket as seen from the frontend."""
        return self.base / "run/libvirt/libvirt-sock"

    @property
    def host_key(self) -> str:
        """The public SSH host key as a line for known_hosts."""
        kind, key, *_ = (self.base / "host_key.pub").read_text(encoding="utf-8").split()
        return f"{self.address} {kind} {key}\n"

    def prepare(self, authorized: Path) -> None:
        """Make its folders, configuration, host key and disk, once."""
        for folder in (*PRIVATE, "partition1"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        for folder in ("etc-libvirt/qemu/networks", "etc-libvirt/storage", "log-libvirt/qemu"):
            (self.base / folder).mkdir(parents=True, exist_ok=True)
        host_uuid = uuid.uuid5(uuid.NAMESPACE_DNS, f"{self.name}.{self.network}")
        (self.base / "etc-libvirt/libvirtd.conf").write_text(
            f'host_uuid = "{host_uuid}"\nauth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n'
            'log_outputs = "2:file:/var/log/libvirt/libvirtd.log"\n',
            encoding="utf-8",
        )
        (self.base / "etc-libvirt/qemu.conf").write_text(_QEMU_CONF, encoding="utf-8")
        sshd = _SSHD_CONF.format(address=self.address, base=self.base, authorized=authorized)
        (self.base / "sshd_config").write_text(sshd, encoding="utf-8")
        if not (self.base / "host_key").exists():
            words = [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(self.base / "host_key")]
            subprocess.run(words, check=True)
        image = self.base / "partition1.img"
        if not image.exists():
            with image.open("wb") as stream:
                stream.truncate(DISK_BYTES)
            subprocess.run(
                [
                    program("mkfs.ext4"),
                    "-q",
                    "-O",
                    "^has_journal",
                    "-i",
                    "4194304",
                    "-E",
                    "lazy_itable_init=1",
                    str(image),
                ],
                check=True,
            )

    def power_on(self, *, outlive: bool) -> None:
        """Make the namespaces, plug in the cable, start sshd and libvirtd, wait until both answer.

        Args:
            outlive: Stay when the calling process ends; otherwise the container dies with it.
        """
        ready = self.base / "ready"
        ready.unlink(missing_ok=True)
        for stale in ("run/libvirtd.pid", "run/sshd.pid", "run/libvirt/libvirt-sock"):
            (self.base / stale).unlink(missing_ok=True)
        words = [] if outlive else [program("setpriv"), "--pdeathsig", "KILL"]
        words += [program("unshare"), "--net", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        words += ["--propagation", "private", "bash", "-c", _FIRST_PROCESS]
        environment = dict(
            os.environ,
            NAME=self.name,
            BASE=str(self.base),
            BINDS=" ".join(f"{self.base}/{folder}:{path}" for folder, path in PRIVATE.items()),
            HIDE_KVM="0" if self.use_kvm else "1",
        )
        with (self.base / "first-process.log").open("ab") as log:
            outer = subprocess.Popen(
                words, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._await(ready.exists, "its namespaces")
        self.pid = _only_child(outer.pid)
        self._plug_in()
        self.run("bash", "-c", f"{program('sshd')} -f {self.base}/sshd_config -E {self.base}/sshd.log")
        self.start_libvirtd()

    def start_libvirtd(self) -> None:
        """Start libvirtd and wait until it answers."""
        self.run(program("libvirtd"), "-d", "-f", "/etc/libvirt/libvirtd.conf")
        self._await(self._answers, "libvirtd")

    def stop_libvirtd(self) -> None:
        """End libvirtd, as a restart of its service does; running VMs go on."""
        pid = self._pid_of("libvirtd")
        self.run("kill", pid)
        self._await(
            lambda: self.run("bash", "-c", f"kill -0 {pid} 2>/dev/null && echo there", check=False) == "", "end"
        )

    def power_off(self) -> None:
        """Pull the power cord: every process in it is gone at once, running VMs included."""
        if self.pid is None:
            return
        pid, self.pid = self.pid, None
        outer = _parent(pid)
        _signal(pid, signal.SIGKILL)
        if outer is not None and outer != os.getpid():
            _wait_gone(outer)
        _wait_gone(pid)

    def signal_libvirtd(self, number: signal.Signals) -> None:
        """Send a signal to libvirtd: SIGSTOP makes it accept connections and never answer, SIGCONT heals it."""
        self.run("kill", f"-{number.name.removeprefix('SIG')}", self._pid_of("libvirtd"))

    def run(self, *words: str, check: bool = True, timeout_s: float = 60) -> str:
        """Run a command in the container as root and return what it printed."""
        done = subprocess.run([*self.enter(), *words], capture_output=True, text=True, timeout=timeout_s, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def enter(self) -> Sequence[str]:
        """Words that run what follows them in the container."""
        if self.pid is None:
            raise RuntimeError(f"{self.name} is off")
        return [program("nsenter"), "--target", str(self.pid), "--net", "--mount", "--uts", "--pid"]

    def virsh(self, *words: str, check: bool = True) -> str:
        """Run virsh in the container, as somebody other than Quarry would."""
        return self.run("virsh", "-q", "-c", "qemu:///system", *words, check=check)

    def _plug_in(self) -> None:
        inside, outside = "eth0", f"{self.bridge}-{self.index}"
        ip = program("ip")
        subprocess.run([ip, "link", "del", outside], capture_output=True, check=False)
        # The same hardware address after every power cut, as a real card has: neighbours remember it.
        mac = f"02:77:00:00:00:{self.index:02x}"
        for line in (
            f"link add {outside} type veth peer name {inside} address {mac} netns {self.pid}",
            f"link set {outside} master {self.bridge} up",
        ):
            subprocess.run([ip, *line.split()], check=True, capture_output=True)
        for line in (
            "link set lo up",
            "link add br0 type bridge",
            f"link set {inside} master br0 up",
            f"addr add {self.address}/24 dev br0",
            "link set br0 up",
        ):
            self.run(ip, *line.split())

    def _answers(self) -> bool:
        done = subprocess.run(
            [*self.enter(), "virsh", "-q", "-c", "qemu:///system", "list"], capture_output=True, check=False
        )
        return done.returncode == 0

    def _pid_of(self, daemon: str) -> str:
        return (self.base / "run" / f"{daemon}.pid").read_text(encoding="utf-8").strip()

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        give_up_at = time.monotonic() + 60
        while not condition():
            if time.monotonic() > give_up_at:
                raise RuntimeError(f"{self.name}: {what} did not come up; see the logs in {self.base}")
            time.sleep(0.05)


def _only_child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return int(children[0])


def _parent(pid: int) -> int | None:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return int(status.rpartition(")")[2].split()[1])


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait_gone(pid: int) -> None:
    give_up_at = time.monotonic() + 10
    while time.monotonic() < give_up_at:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:
            if not Path(f"/proc/{pid}").exists():
                return
        time.sleep(0.02)
