"""The installer's kernel and initramfs, made once and kept in the labs' cache."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cache import building, cache_folder
from tests.lab.netns.guest import MODULES, archive, fetch_kernel
from tests.lab.netns.needs import program

TOOLS = ("curl", "sfdisk", "wipefs", "mkfs.ext4", "mkswap", "blkid", "parted", "lsblk", "mdadm", "lvm")
"""Real ones beside busybox, with the libraries they need."""

BOOTED = "Quarry lab: booted from disk"
"""What an installed disk says on the console when it boots."""

EXTRA_MODULES = ("ext4", "crc32c_generic", "md_mod", "raid1", "dm_mod")
_APPLETS = """sh mount umount insmod sleep dd cat echo ip hostname sync ls grep printf mkdir rm cp mv tr head tail seq
    date uname cut sed awk sort uniq wc basename dirname stat reboot poweroff mdev ps kill touch true false test expr
    env ln df"""

_SYSTEM_APPLETS = "sh mount insmod sleep cat hostname sed tr tail findfs poweroff sync"

_MKE2FS_CONF = b"""[defaults]
base_features = sparse_super,filetype,resize_inode,ext_attr
[fs_types]
ext4 = {
    features = has_journal,extent,huge_file,flex_bg,64bit
}
"""

_LVM_CONF = b"""activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
devices { obtain_device_list_from_udev = 0 use_devicesfile = 0 }
backup { backup = 0 archive = 0 }
"""
"""No udev in here."""

_INIT = Path(__file__).with_name("init.sh")
_SYSTEM = Path(__file__).with_name("system.sh")
_CODE = bytes.fromhex(
    "31c0 8ed8 fc be277c ac 84c0 7411 88c4 bafd03 ec a820 74fb b2f8 88e0 ee ebea fb b95b00 f4 e2fd ebde"
)
"""Real mode: send the text behind it to the first serial port, and again every five seconds of the BIOS's clock.

Not by the BIOS (int 14h): that of Xen's hvm guests says nothing there.
"""


@dataclass(frozen=True, slots=True)
class InstallerImage:
    """Files of the installer on this machine."""

    kernel: Path
    initrd: Path


def missing_tools() -> str:
    """Why the installer cannot be made here; empty when it can."""
    absent = [name for name in TOOLS if _find(name) is None]
    return f"the lab's installer needs {' '.join(absent)}" if absent else ""


def installer() -> InstallerImage:
    """The installer's files, made when they are not in the cache.

    Raises:
        RuntimeError: No kernel can be had.
    """
    folder = cache_folder("installer")
    kernel, modules, initrd, stamp = (folder / name for name in ("vmlinuz", "modules", "initrd.gz", "stamp"))
    names = folder / "wanted"
    made_of = recipe()
    with building(folder):
        wanted = " ".join((*MODULES, *EXTRA_MODULES))
        if not kernel.exists() or not names.exists() or names.read_text(encoding="utf-8") != wanted:
            fetch_kernel(kernel, modules, wanted.split())
            names.write_text(wanted, encoding="utf-8")
            stamp.unlink(missing_ok=True)
        if not stamp.exists() or stamp.read_text(encoding="utf-8") != made_of:
            initrd.write_bytes(gzip.compress(initramfs(modules), 1, mtime=0))
            stamp.write_text(made_of, encoding="utf-8")
    return InstallerImage(kernel, initrd)


def recipe() -> str:
    """Changes with what the installer is made of."""
    return hashlib.sha256(_INIT.read_bytes() + _SYSTEM.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def boot_sector() -> bytes:
    """Code for a disk's first 440 bytes."""
    return _CODE + BOOTED.encode() + b"\r\n\0"


def initramfs(modules: Path, system: Mapping[str, Path] | None = None) -> bytes:
    """The installer's ramdisk.

    Args:
        modules: Folder of the kernel's modules, with their order.
        system: What it installs in ``/boot`` where a container's boot loader looks for a kernel: names and files.
    """
    folders = ["bin", "dev", "proc", "sys", "etc", "tmp", "run", "mnt", "modules", "usr", "usr/bin", "usr/sbin"]
    files: dict[str, tuple[int, bytes]] = dict.fromkeys(folders, (0o40755, b""))
    files["init"] = (0o100755, _INIT.read_bytes())
    files["boot-sector"] = (0o100644, boot_sector())
    files["bin/busybox"] = (0o100755, Path(program("busybox")).read_bytes())
    files["etc/mke2fs.conf"] = (0o100644, _MKE2FS_CONF)
    files["etc/lvm"] = (0o40755, b"")
    files["etc/lvm/lvm.conf"] = (0o100644, _LVM_CONF)
    for applet in _APPLETS.split():
        files[f"bin/{applet}"] = (0o120777, b"busybox")
    for path in modules.iterdir():
        files[f"modules/{path.name}"] = (0o100644, path.read_bytes())
    for name, path in (system or {}).items():
        _add(files, f"system/{name}", path)
    for name in TOOLS:
        found = _find(name)
        if found is None:
            raise RuntimeError(missing_tools())
        _add(files, f"usr/sbin/{name}", found)
        for library in _libraries(found):
            _add(files, str(library).lstrip("/"), library)
    return archive((name, *content) for name, content in sorted(files.items()))


def system_initramfs(modules: Path) -> bytes:
    """The ramdisk of an installed system: it mounts its root, says so, and waits to be powered off."""
    folders = ("bin", "sbin", "dev", "proc", "sys", "mnt", "modules")
    files: dict[str, tuple[int, bytes]] = dict.fromkeys(folders, (0o40755, b""))
    files["init"] = (0o100755, _SYSTEM.read_text(encoding="utf-8").replace("BOOTED", BOOTED).encode())
    # What the kernel runs when Xen asks a guest to shut down.
    files["sbin/poweroff"] = (0o100755, b"#!/bin/sh\nsync\nexec /bin/poweroff -f\n")
    files["bin/busybox"] = (0o100755, Path(program("busybox")).read_bytes())
    for applet in _SYSTEM_APPLETS.split():
        files[f"bin/{applet}"] = (0o120777, b"busybox")
    for path in modules.iterdir():
        files[f"modules/{path.name}"] = (0o100644, path.read_bytes())
    return archive((name, *content) for name, content in sorted(files.items()))


def _add(files: dict[str, tuple[int, bytes]], name: str, path: Path) -> None:
    for parent in reversed(Path(name).parents[:-1]):
        files.setdefault(str(parent), (0o40755, b""))
    files[name] = (0o100755, path.read_bytes())


def _libraries(path: Path) -> list[Path]:
    done = subprocess.run(["ldd", str(path)], capture_output=True, text=True, check=False)
    return [Path(one) for one in re.findall(r"(/\S+) \(0x", done.stdout)]


def _find(name: str) -> Path | None:
    found = shutil.which(name, path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
    return Path(found) if found is not None else None
