"""The lab's guest on a dom0: dom0's own kernel, which runs para as well as hvm, and the busybox initramfs.

It finds its disk whatever the kind (both kinds use Xen's own drivers) and shows what `tests.lab.netns.guest` shows.
"""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.lab.cache import building
from tests.lab.installer.image import EXTRA_MODULES, InstallerImage, system_initramfs
from tests.lab.installer.image import initramfs as initramfs_of_installer
from tests.lab.installer.image import recipe as installer_recipe
from tests.lab.netns.guest import initramfs, load_order
from tests.lab.xen.machine import Dom0, resume_dom0

MODULES = ("xen_blkfront", "xen_netfront")
INSTALLER_MODULES = (*MODULES, *EXTRA_MODULES)
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

_KEEP_CONSOLES = (
    "mkdir -p /var/log/xen/console && echo XENCONSOLED_ARGS=--log=guest >> /etc/default/xen &&"
    " /etc/init.d/xen restart"
)
"""As docs/xen.md has it: an install is followed by what its console says."""

_PUT_KERNEL = f"mkdir -p {FOLDER} && cp /boot/vmlinuz-* {KERNEL} && sync"


def container(name: str, folder: Path) -> Dom0:
    """A dom0 that has the guest's kernel and initrd and a file system for images."""
    return resume_dom0(name, folder, prepare, recipe())


def prepare(machine: Dom0) -> None:
    """Once, on the machine that every container is a copy of."""
    machine.ssh(_MAKE_PARTITION, timeout_s=600)
    machine.ssh(_KEEP_CONSOLES, timeout_s=600)
    machine.ssh(_PUT_KERNEL, timeout_s=600)
    machine.put(_initrd(machine), INITRD)


def recipe() -> str:
    """Changes with what `prepare` puts there."""
    with tempfile.TemporaryDirectory(prefix="quarry-xen-recipe-") as empty:
        ramdisk = hashlib.sha256(initramfs(Path(empty))).hexdigest()
    return " ".join((_MAKE_PARTITION, _KEEP_CONSOLES, _PUT_KERNEL, *MODULES, ramdisk))


def installer(machine: Dom0) -> InstallerImage:
    """The lab's installer for guests of a dom0, para and hvm, with a system that pygrub finds on the disk.

    On dom0's own kernel, whose modules every dom0 image has.
    """
    folder = machine.image.disk.parent
    initrd, stamp = folder / "installer-initrd.gz", folder / "installer-stamp"
    with building(folder):
        modules = _modules(machine, INSTALLER_MODULES)
        made_of = f"{installer_recipe()} {(modules / 'order').read_text(encoding='utf-8')}"
        if not initrd.exists() or not stamp.exists() or stamp.read_text(encoding="utf-8") != made_of:
            system = folder / "installed-initrd.gz"
            system.write_bytes(gzip.compress(system_initramfs(modules), 6, mtime=0))
            content = initramfs_of_installer(modules, {"vmlinuz": machine.image.kernel, "initrd": system})
            initrd.write_bytes(gzip.compress(content, 1, mtime=0))
            stamp.write_text(made_of, encoding="utf-8")
    return InstallerImage(machine.image.kernel, initrd)


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
    target.write_bytes(gzip.compress(initramfs(_modules(machine, MODULES)), 9, mtime=0))
    return target


def _modules(machine: Dom0, wanted: Sequence[str]) -> Path:
    """The few modules and what they depend on, out of dom0's kernel package; kept beside the image."""
    mark = hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:8]
    kept = machine.image.disk.parent / f"modules-{mark}-{machine.ssh('uname -r').strip()}"
    if (kept / "order").exists():
        return kept
    places = "drivers/block drivers/net/xen-netfront.ko drivers/md fs/ext4 fs/jbd2 fs/mbcache.ko lib crypto"
    packed = subprocess.run(
        [*machine.ssh_words(), f"cd /lib/modules/$(uname -r)/kernel && tar c {places}"],
        check=True,
        capture_output=True,
        timeout=300,
    ).stdout
    with tempfile.TemporaryDirectory(prefix="quarry-xen-modules-") as unpacked:
        subprocess.run(["tar", "x", "-C", unpacked], input=packed, check=True)
        found = {path.stem.replace("-", "_"): path for path in Path(unpacked).rglob("*.ko")}
        order = load_order(wanted, found)
        kept.mkdir(exist_ok=True)
        for name in order:
            (kept / f"{name}.ko").write_bytes(found[name].read_bytes())
    (kept / "order").write_text("\n".join(f"{name}.ko" for name in order) + "\n", encoding="utf-8")
    return kept
