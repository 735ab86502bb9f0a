"""The lab's guest: a Debian kernel and a busybox initramfs, made once and kept in the labs' cache.

The guest gives a root shell on its console, says how often it booted from its disk, writes a counter to it every
second, and powers off when ACPI asks.
"""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cache import building, cache_folder
from tests.lab.netns.needs import program

READY = "lab guest ready"
"""Printed on the console when the shell is about to start."""

MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio_balloon", "button", "evdev", "ata_piix", "sd_mod")
"""Loaded by the guest where the kernel does not have them built in."""

_APPLETS = """sh mount insmod mknod sleep dd cat echo ip hostname setsid cttyhack acpid poweroff reboot sync stty ls
    grep printf mkdir dmesg ping udhcpc free ps kill tr head seq date uname blockdev cut vi top clear"""

_INIT = """#!/bin/sh
export PATH=/bin TERM=linux
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod /modules/$module 2>/dev/null; done
name=$(tr ' ' '\\n' < /proc/cmdline | grep '^name=' | cut -d= -f2)
hostname "${name:-guest}"
ip link set lo up
console=/dev/console
for device in /dev/vda /dev/sda /dev/xvda; do
    [ -b $device ] && disk=$device && break
done
if [ -n "$disk" ]; then
    boots=$(dd if=$disk bs=512 count=1 2>/dev/null | tr -d '\\0' | grep '^boots' | cut -d' ' -f2)
    boots=$((${boots:-0} + 1))
    echo "disk $disk boots $boots" > $console
    (
        ticks=0
        while :; do
            ticks=$((ticks + 1))
            printf 'boots %d\\nticks %d\\n' $boots $ticks | dd of=$disk bs=512 count=1 conv=notrunc,sync 2>/dev/null
            sync
            sleep 1
        done
    ) &
fi
for try in 1 2 3 4 5 6 7 8 9; do
    grep -qs 'Power Button' /sys/class/input/event*/device/name && break
    sleep 0.3
done
acpid -d -f -c /etc/acpi -a /etc/acpid.conf -M /etc/acpid.map > /dev/null 2>&1 &
sleep 0.2
echo "READY $(hostname)" > $console
while :; do
    setsid cttyhack sh -l
    sleep 1
done
"""


@dataclass(frozen=True, slots=True)
class Guest:
    """Files of the guest on this machine, seen under the same paths by every container of the lab."""

    kernel: Path
    initrd: Path
    arguments: str = "console=ttyS0 quiet panic=1"


def guest() -> Guest:
    """The guest's files, made when they are not in the cache.

    Raises:
        RuntimeError: No kernel can be had.
    """
    folder = cache_folder("netns")
    kernel, initrd, stamp, modules = (folder / name for name in ("vmlinuz", "initrd.gz", "init.sh", "modules"))
    with building(folder):
        if not kernel.exists() or not modules.is_dir():
            fetch_kernel(kernel, modules)
            stamp.unlink(missing_ok=True)
        if not initrd.exists() or not stamp.exists() or stamp.read_text(encoding="utf-8") != _INIT:
            initrd.write_bytes(gzip.compress(initramfs(modules), 6, mtime=0))
            stamp.write_text(_INIT, encoding="utf-8")
    return Guest(kernel, initrd)


def fetch_kernel(kernel: Path, modules: Path, wanted: Iterable[str] = MODULES) -> None:
    """A kernel and the few modules: from /boot where there is one, else from Debian's package, not installed.

    Raises:
        RuntimeError: No kernel can be had.
    """
    with tempfile.TemporaryDirectory(prefix="quarry-kernel-") as folder:
        images = sorted(Path("/boot").glob("vmlinuz-*"))
        root = Path("/")
        if not images or not (Path("/lib/modules") / images[-1].name.removeprefix("vmlinuz-")).is_dir():
            root = Path(folder)
            _unpack_package(root)
            images = sorted((root / "boot").glob("vmlinuz-*"))
        if not images:
            raise RuntimeError("no kernel for the lab's guest: none in /boot, none in Debian's package")
        version = images[-1].name.removeprefix("vmlinuz-")
        shutil.rmtree(modules, ignore_errors=True)
        modules.mkdir()
        found = {path.stem.replace("-", "_"): path for path in (root / "lib/modules" / version).rglob("*.ko")}
        order = load_order(wanted, found)
        for name in order:
            shutil.copy(found[name], modules / f"{name}.ko")
        (modules / "order").write_text("\n".join(f"{name}.ko" for name in order) + "\n", encoding="utf-8")
        shutil.copy(images[-1], kernel)


def _unpack_package(root: Path) -> None:
    def apt(*words: str) -> str:
        done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"no kernel for the lab's guest: {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout

    if shutil.which("apt-get") is None:
        raise RuntimeError("no kernel for the lab's guest: none in /boot, and this is no Debian")
    answer = subprocess.run(
        ["apt-cache", "depends", "linux-image-cloud-amd64"], capture_output=True, text=True, check=False
    ).stdout
    if "Depends:" not in answer:
        apt("apt-get", "update")
        answer = apt("apt-cache", "depends", "linux-image-cloud-amd64")
    package = re.search(r"Depends: (linux-image-\S+)", answer)
    if package is None:
        raise RuntimeError("no kernel for the lab's guest: linux-image-cloud-amd64 names none")
    apt("apt-get", "download", package.group(1))
    (archive,) = root.glob("*.deb")
    apt("dpkg-deb", "-x", str(archive), str(root))


def load_order(wanted: Iterable[str], found: dict[str, Path]) -> list[str]:
    """The modules and what they depend on, dependencies first; those built into the kernel have no file."""
    order: list[str] = []

    def visit(name: str) -> None:
        path = found.get(name)
        if path is None or name in order:
            return
        match = re.search(rb"\0depends=([^\0]*)\0", path.read_bytes())
        for other in match.group(1).decode().split(",") if match else ():
            visit(other.replace("-", "_"))
        order.append(name)

    for name in wanted:
        visit(name)
    return order


def initramfs(modules: Path) -> bytes:
    """A cpio archive (newc) with busybox, the modules and the init script."""
    files: list[tuple[str, int, bytes]] = [(folder, 0o40755, b"") for folder in ("bin", "sbin", "dev", "proc", "sys")]
    files += [(folder, 0o40755, b"") for folder in ("etc", "tmp", "modules", "etc/acpi", "root")]
    files.append(("bin/busybox", 0o100755, Path(program("busybox")).read_bytes()))
    files += [(f"bin/{applet}", 0o120777, b"busybox") for applet in _APPLETS.split()]
    files.append(("init", 0o100755, _INIT.replace("READY", READY).encode()))
    files.append(("etc/passwd", 0o100644, b"root::0:0:root:/root:/bin/sh\n"))
    files.append(("etc/profile", 0o100644, b"PS1='\\h# '\ncd /root\n"))
    files.append(("etc/acpid.conf", 0o100644, b"PWRF off\n"))
    files.append(("etc/acpid.map", 0o100644, b"EV_KEY 0x01 KEY_POWER 116 1 PWRF\n"))
    files.append(("etc/acpi/off", 0o100755, b"#!/bin/sh\nsync\npoweroff -f\n"))
    # What the kernel runs when Xen asks a guest to shut down.
    files.append(("sbin/poweroff", 0o100755, b"#!/bin/sh\nsync\nexec /bin/poweroff -f\n"))
    files += [(f"modules/{path.name}", 0o100644, path.read_bytes()) for path in sorted(modules.iterdir())]
    return archive(files)


def archive(files: Iterable[tuple[str, int, bytes]]) -> bytes:
    """A cpio archive (newc) of names with mode and content."""
    return b"".join(_entry(index, *file) for index, file in enumerate(files, 1)) + _entry(0, "TRAILER!!!", 0, b"")


def _entry(inode: int, name: str, mode: int, content: bytes) -> bytes:
    encoded = name.encode() + b"\0"
    fields = (inode, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(encoded), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + encoded
    return head + b"\0" * (-len(head) % 4) + content + b"\0" * (-len(content) % 4)
