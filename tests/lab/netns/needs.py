"""What the lab needs of this machine, and under which package names Debian has it."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

PROGRAMS = {
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "mkfs.ext4": "e2fsprogs",
    "libvirtd": "libvirt-daemon-system",
    "virsh": "libvirt-clients",
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-img": "qemu-utils",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "busybox": "busybox-static",
}
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def program(name: str) -> str:
    """The path of a program the lab uses, wherever this user's PATH points.

    Raises:
        FileNotFoundError: It is not installed.
    """
    found = shutil.which(name, path=_SYSTEM_PATH)
    if found is None:
        raise FileNotFoundError(name)
    return found


@cache
def missing() -> str:
    """Why the lab cannot be brought up here; empty when it can."""
    if os.geteuid() != 0:
        return "the lab makes network namespaces and needs root"
    absent = sorted({package for name, package in PROGRAMS.items() if shutil.which(name, path=_SYSTEM_PATH) is None})
    if absent:
        return f"the lab needs the packages {' '.join(absent)}"
    words = [program("unshare"), "--net", "--mount", "--uts", "--pid", "--fork", "true"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"no right to make namespaces: {done.stderr.strip()}"
    if not _is_static(Path(program("busybox"))):
        return "the lab needs the package busybox-static: the installed busybox wants shared libraries"
    return ""


def _is_static(path: Path) -> bool:
    return b"ld-linux" not in path.read_bytes()[:4096]
