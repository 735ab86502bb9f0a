"""The whole lab: a bridge on the frontend, containers behind it, keys that are checked, and a settings file."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from core.settings import ContainerSettings
from tests.lab.netns.container import LabContainer
from tests.lab.netns.guest import Guest, guest
from tests.lab.netns.kvm import kvm_works
from tests.lab.netns.needs import program

NAMES = ("vm-container-0-0", "vm-container-0-1")
_MOST_LABS = 20


class Lab:
    """Containers brought up together. `close` leaves nothing behind."""

    def __init__(self, base: Path, bridge: str, network: str, containers: list[LabContainer]) -> None:
        self.base = base
        self.bridge = bridge
        self.network = network
        self.containers = {container.name: container for container in containers}
        self.guest: Guest = guest()

    @classmethod
    def up(cls, names: tuple[str, ...] = NAMES, *, outlive: bool = False) -> Lab:
        """Bring a lab up.

        Args:
            outlive: Keep it when this process ends; otherwise it dies with it.
        """
        sweep()
        number, bridge = _make_bridge()
        network = f"10.77.{number}"
        base = _base(number)
        shutil.rmtree(base, ignore_errors=True)
        base.mkdir(mode=0o700)
        (base / "owner").write_text("0" if outlive else str(os.getpid()), encoding="utf-8")
        use_kvm = kvm_works()
        containers = [
            LabContainer(name, base / name, index, network, bridge, use_kvm) for index, name in enumerate(names)
        ]
        lab = cls(base, bridge, network, containers)
        try:
            lab._build(outlive=outlive)
        except BaseException:
            lab.close()
            raise
        return lab

    @classmethod
    def standing(cls) -> Lab | None:
        """The lab that ``python -m tests.lab.netns up`` left standing, or None."""
        for path in sorted(Path(tempfile.gettempdir()).glob("quarry-lab-*/lab.json")):
            if (path.parent / "owner").read_text(encoding="utf-8") == "0":
                kept = json.loads(path.read_text(encoding="utf-8"))
                containers = [
                    LabContainer(**{**one, "base": Path(one["base"])})  # plain values, written by `remember`
                    for one in kept["containers"]
                ]
                return cls(path.parent, kept["bridge"], kept["network"], containers)
        return None

    @property
    def keyfile(self) -> Path:
        """Private key that every container lets in as root."""
        return self.base / "operator_key"

    @property
    def known_hosts(self) -> Path:
        """The containers' true host keys."""
        return self.base / "known_hosts"

    @property
    def config_file(self) -> Path:
        """A Quarry settings file for this lab: a store of its own, the key, the host keys."""
        return self.base / "quarry.toml"

    def settings(self, **changes: float) -> ContainerSettings:
        """Quarry's settings for connecting to this lab's containers."""
        values: dict[str, object] = {"keyfile": str(self.keyfile), "known_hosts": str(self.known_hosts), **changes}
        return ContainerSettings(**values)  # type: ignore[arg-type]

    def virsh(self, container: str, *words: str, check: bool = True) -> str:
        """Run virsh in a container, as somebody other than Quarry would."""
        return self.containers[container].virsh(*words, check=check)

    def kill_container(self, name: str) -> None:
        """Pull a container's power cord; its running VMs are gone, its disks stay."""
        self.containers[name].power_off()
        self.remember()

    def revive(self, name: str) -> None:
        """Switch a container on again."""
        self.containers[name].power_on(outlive=self._outlives)
        self.remember()

    def freeze(self, name: str) -> None:
        """Let a container's libvirtd accept connections and never answer."""
        self.containers[name].signal_libvirtd(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """Undo `freeze`."""
        self.containers[name].signal_libvirtd(signal.SIGCONT)

    def image_of(self, name: str) -> str:
        """The file behind a container's ``/state/partition1``."""
        return str(self.containers[name].base / "partition1.img")

    def remember(self) -> None:
        """Write what `standing` needs."""
        containers = [
            {
                "name": one.name, "base": str(one.base), "index": one.index, "network": one.network,
                "bridge": one.bridge, "use_kvm": one.use_kvm, "pid": one.pid,
            }
            for one in self.containers.values()
        ]  # fmt: skip
        kept = {"bridge": self.bridge, "network": self.network, "containers": containers}
        (self.base / "lab.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")

    def close(self) -> None:
        """Power everything off and remove the bridge and every file."""
        for container in self.containers.values():
            container.power_off()
        subprocess.run([program("ip"), "link", "del", self.bridge], capture_output=True, check=False)
        shutil.rmtree(self.base, ignore_errors=True)

    @property
    def _outlives(self) -> bool:
        return (self.base / "owner").read_text(encoding="utf-8") == "0"

    def _build(self, *, outlive: bool) -> None:
        ip = program("ip")
        subprocess.run([ip, "addr", "add", f"{self.network}.1/24", "dev", self.bridge], check=True)
        subprocess.run([ip, "link", "set", self.bridge, "up"], check=True)
        words = [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", str(self.keyfile)]
        subprocess.run(words, check=True)
        # One after the other: making namespaces' ends of a bridge at the same time fails.
        for container in self.containers.values():
            container.prepare(self.keyfile.with_suffix(".pub"))
            container.power_on(outlive=outlive)
        self.known_hosts.write_text("".join(one.host_key for one in self.containers.values()), encoding="utf-8")
        self.config_file.write_text(
            f'[store]\nurl = "sqlite:///{self.base}/quarry.sqlite"\n\n[containers]\n'
            f'keyfile = "{self.keyfile}"\nknown_hosts = "{self.known_hosts}"\n',
            encoding="utf-8",
        )
        self.remember()


def sweep() -> None:
    """Remove what labs whose owner died left behind."""
    for base in Path(tempfile.gettempdir()).glob("quarry-lab-*"):
        owner = base / "owner"
        pid = owner.read_text(encoding="utf-8").strip() if owner.exists() else "0"
        if pid in ("", "0") or Path(f"/proc/{pid}").exists():
            continue
        number = base.name.rpartition("-")[2]
        subprocess.run([program("ip"), "link", "del", f"qlab{number}"], capture_output=True, check=False)
        shutil.rmtree(base, ignore_errors=True)


def _base(number: int) -> Path:
    return Path(tempfile.gettempdir()) / f"quarry-lab-{number}"


def _make_bridge() -> tuple[int, str]:
    """A bridge of a name nobody has: making it is what claims the number."""
    words = ""
    for number in range(_MOST_LABS):
        bridge = f"qlab{number}"
        done = subprocess.run(
            [program("ip"), "link", "add", bridge, "type", "bridge"], capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            return number, bridge
        words = done.stderr.strip()
    raise RuntimeError(f"no bridge for a lab: {words}")
