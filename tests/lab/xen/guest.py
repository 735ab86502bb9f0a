"""The lab's guest on a dom0: dom0's own kernel, which runs para as well as hvm, and the busybox initramfs.

It finds its disk whatever the kind (both kinds use Xen's own drivers) and shows what `tests.lab.netns.guest` shows.
"""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import tempfile
from pathlib import Path

from tests.lab.netns.guest import initramfs, load_order
from tests.lab.xen.machine import Dom0, resume_dom0

MODULES = ("xen_blkfront", "xen_netfront")
FOLDER = "/boot/guest"
KERNEL, INITRD = f"{FOLDER}/vmlinuz", f"{FOLDER}/initrd"
ARGUMENTS = "quiet panic=1"
PARTITION = "/state/partition1"

_MAKE_PARTITION = (
    "truncate -s 32G /partition1.img &&"
    " mke2fs -q -t ext4 -O ^has_journal -i 4194304 -E lazy_itable_init=1 /partition1.img &&"
    f" mount -o loop /partition1.img {PARTITION} && mkdir -p {PARTITION}/xen/disks"
)
"""The file system for images, larger than the root's, as on a container that Rocks installed."""

_PUT_KERNEL = f"mkdir -p {FOLDER} && cp /boot/vmlinuz-* {KERNEL} && sync"


def container(name: str, folder: Path) -> Dom0:
    """A dom0 that has the guest's kernel and initrd and a file system for images."""
    return resume_dom0(name, folder, prepare, recipe())


def prepare(machine: Dom0) -> None:
    """Once, on the machine that every container is a copy of."""
    machine.ssh(_MAKE_PARTITION, timeout_s=600)
    machine.ssh(_PUT_KERNEL, timeout_s=600)
    machine.put(_initrd(machine), INITRD)


def recipe() -> str:
    """Changes with what `prepare` puts there."""
    with tempfile.TemporaryDirectory(prefix="quarry-xen-recipe-") as empty:
        return " ".join((_MAKE_PARTITION, _PUT_KERNEL, *MODULES, hashlib.sha256(initramfs(Path(empty))).hexdigest()))


def install_bootable_disk(machine: Dom0, path: str) -> None:
    """A disk as a para VM of its own kernel has: a file system with a boot menu that pygrub reads."""
    folder = f"{path}.files"
    menu = f"default 0\ntimeout 0\ntitle guest\n root (hd0)\n kernel /boot/vmlinuz {ARGUMENTS} console=hvc0\n"
    menu += " initrd /boot/initrd\n"
    machine.ssh(
        f"mkdir -p {folder}/boot/grub && cp {KERNEL} {INITRD} {folder}/boot/ && printf '%s' '{menu}' >"
        f" {folder}/boot/grub/menu.lst && truncate -s 64M {path} && mke2fs -q -t ext2 -d {folder} {path} &&"
        f" rm -r {folder}"
    )


def _initrd(machine: Dom0) -> Path:
    target = machine.folder / "guest-initrd.gz"
    target.write_bytes(gzip.compress(initramfs(_modules(machine)), 9, mtime=0))
    return target


def _modules(machine: Dom0) -> Path:
    """The few modules and what they depend on, out of dom0's kernel package; kept beside the image."""
    kept = machine.image.disk.parent / f"guest-modules-{machine.ssh('uname -r').strip()}"
    if (kept / "order").exists():
        return kept
    packed = subprocess.run(
        [
            *machine.ssh_words(),
            "cd /lib/modules/$(uname -r)/kernel && tar c drivers/block drivers/net/xen-netfront.ko",
        ],
        check=True,
        capture_output=True,
        timeout=300,
    ).stdout
    with tempfile.TemporaryDirectory(prefix="quarry-xen-modules-") as unpacked:
        subprocess.run(["tar", "x", "-C", unpacked], input=packed, check=True)
        found = {path.stem.replace("-", "_"): path for path in Path(unpacked).rglob("*.ko")}
        order = load_order(MODULES, found)
        kept.mkdir(exist_ok=True)
        for name in order:
            (kept / f"{name}.ko").write_bytes(found[name].read_bytes())
    (kept / "order").write_text("\n".join(f"{name}.ko" for name in order) + "\n", encoding="utf-8")
    return kept
