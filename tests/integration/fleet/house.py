"""An operator on the lab: a store, a settings file, `quarry` as a process, and virsh to compare with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.settings import Settings, load_settings
from tests.lab.netns.lab import Lab

FIRST, SECOND = "vm-container-0-0", "vm-container-0-1"
ROOT = Path(__file__).parents[3]
CONNECT_S = 20.0
"""What waiting for a container that hangs would cost at least."""
PROGRAM = "import sys; from tui.main import main; sys.exit(main())"

VIRSH_WORDS = {
    "active": {"running", "idle"},
    "paused": {"paused"},
    "shutoff": {"shut off"},
    "saved": {"shut off"},
    "shutdown": {"in shutdown", "running"},
    "crashed": {"crashed"},
}
"""Quarry's STATUS, and what virsh may call it."""

NOT_DEFINED = None
"""What `list host vm output-format=json` has for a VM that its container does not know."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A process of `quarry` that has ended."""

    status: int
    out: str
    err: str
    took_s: float


class House:
    """One operator on the lab's frontend."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.config = self.write_config("quarry.toml", str(lab.known_hosts))

    def write_config(self, name: str, known_hosts: str) -> Path:
        """A settings file for this house's store that trusts these host keys; quick to notice and to retry."""
        path = self.folder / name
        path.write_text(
            f'[store]\nurl = "sqlite:///{self.folder}/quarry.sqlite"\n\n'
            f'[containers]\nkeyfile = "{self.lab.keyfile}"\nknown_hosts = "{known_hosts}"\n'
            "keepalive_s = 1\nkeepalive_count = 2\nretry_first_s = 0.2\nretry_most_s = 1.0\n"
            f"connect_timeout_s = {CONNECT_S}\ncall_timeout_s = 6.0\nsurvey_s = 8.0\nrefresh_s = 1.0\n",
            encoding="utf-8",
        )
        return path

    def settings(self, config: Path | None = None) -> Settings:
        """The settings as the process would read them."""
        return load_settings({"QUARRY_CONFIG": str(config or self.config)})

    def quarry(self, *words: str, status: int = 0, config: Path | None = None) -> Ended:
        """Run a command as a process of its own, with nobody to answer questions."""
        environment: Mapping[str, str] = {
            **{key: value for key, value in os.environ.items() if key != "QUARRY_STORE"},
            "PYTHONPATH": str(ROOT),
            "QUARRY_CONFIG": str(config or self.config),
        }
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        ended = Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)
        assert ended.status == status, f"quarry {' '.join(words)}: {ended}"
        assert "Traceback" not in ended.err
        return ended

    def fill(self, *vms: str, memory_mib: int = 96) -> None:
        """The two containers, the guest's kernel, and one VM for each name of a container."""
        for container in self.lab.containers.values():
            self.quarry("add", "host", container.name, f"uri={container.uri}")
        guest = self.lab.guest
        self.quarry("set", "attr", "vm_kernel", str(guest.kernel))
        self.quarry("set", "attr", "vm_initrd", str(guest.initrd))
        self.quarry("set", "attr", "vm_kernel_args", f"value={guest.arguments}")
        for container_name in vms:
            self.quarry("add", "host", "vm", container_name, "Compute", f"mem={memory_mib}", "disksize=1")

    def states(self) -> dict[str, str | None]:
        """VM → STATUS, as `list host vm` says."""
        rows = json.loads(self.quarry("list", "host", "vm", "output-format=json").out)
        return {row["vm-host"]: row["status"] for row in rows}

    def virsh_states(self) -> dict[str, str]:
        """Domain → state, as virsh says on the containers that are on."""
        found: dict[str, str] = {}
        for container in self.lab.containers.values():
            if container.pid is None:
                continue
            for line in container.virsh("list", "--all").splitlines():
                words = line.split(None, 2)
                if len(words) == 3:
                    found[words[1]] = words[2].strip()
        return found

    def check_agreement(self) -> dict[str, str | None]:
        """`list host vm` says of every VM what virsh says. Returns the states."""
        quarry, virsh = self.states(), self.virsh_states()
        assert {name for name, state in quarry.items() if state is not NOT_DEFINED} == set(virsh)
        for name, state in quarry.items():
            if state is not NOT_DEFINED:
                assert virsh[name] in VIRSH_WORDS[state], f"{name}: quarry says {state}, virsh {virsh[name]}"
        return quarry

    def clear(self) -> None:
        """Nothing is left on the containers."""
        for container in self.lab.containers.values():
            if container.pid is None:
                container.power_on(outlive=False)
            container.run("bash", "-c", "kill -CONT $(cat /run/libvirtd.pid)")
            for name in container.virsh("list", "--all", "--name").split():
                container.virsh("destroy", name, check=False)
                container.virsh("undefine", name, "--managed-save", check=False)
            container.run("rm", "-rf", "/state/partition1/xen")
