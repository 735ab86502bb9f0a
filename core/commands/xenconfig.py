"""The text of a Xen 3 domain configuration, as Rocks 5.0 made it: Python that ``xm create`` runs on the container.

It makes missing disk images as sparse files, then either boots the installer or, on a node that boots from its disk,
fetches the kernel out of the first partition of the boot disk. Every value is a quoted Python literal, and shell
words inside are quoted once more, so that no name or path can become code.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.commands.diskspec import disk_word

if TYPE_CHECKING:
    from core.store.records import Disk, Vm

INSTALL_KERNEL = "/boot/kickstart/xen/vmlinuz"
INSTALL_RAMDISK = "/boot/kickstart/xen/initrd-xen.iso.gz"
INSTALL_ARGUMENTS = "client kssendmac ks ksdevice=eth0 selinux=0 ramdisk_size=150000 noipv6 ekv"
GB_BYTES = 10**9

HEADING = """\
# Xen domain configuration, written by quarry; run by xm create.
import os
import os.path

"""

PLAIN_HEADING = "# Xen domain configuration, written by quarry; read by xl create.\n"

MAKE_IMAGE = """\
if not os.path.exists({path}):
    if not os.path.exists({folder}):
        os.makedirs({folder}, 448)
    os.system({command})

"""

FETCH_KERNEL = """\
kerneldir = os.path.join(dirprefix, 'xen', 'kernels')
mountpoint = os.path.join(dirprefix, 'xen', 'mnt-' + name)
for folder in (kerneldir, mountpoint):
    if not os.path.exists(folder):
        os.makedirs(folder, 448)
if os.system({mount}) == 0:
    os.system({copy_kernel})
    os.system({copy_ramdisk})
    os.system({unmount})
kernel = os.path.join(kerneldir, 'vmlinuz-' + name)
ramdisk = os.path.join(kerneldir, 'initrd-' + name)
"""


@dataclass(frozen=True, slots=True)
class XenVm:
    """What goes into the text.

    Attributes:
        mountpoint: Largest file system of the container; empty when unknown.
        installs: Boot the installer rather than the disk.
        arguments: Kernel arguments of the installer.
    """

    vm: Vm
    disks: Sequence[Disk]
    macs: Sequence[str]
    mountpoint: str
    installs: bool
    arguments: str


def heading(name: str) -> str:
    """What every configuration begins with; all there is for a node that is no VM."""
    return f"{HEADING}name = {name!r}\n"


def configuration(it: XenVm) -> str:
    """The whole text."""
    text = heading(it.vm.name) + "\n" + "".join(_image(disk) for disk in it.disks if disk.vbd_type != "phy")
    bootdisk = it.disks[0].path if it.disks else ""
    text += f"bootdisk = {bootdisk!r}\ndirprefix = {it.mountpoint!r}\n"
    if it.installs:
        text += f"kernel = {INSTALL_KERNEL!r}\nramdisk = {INSTALL_RAMDISK!r}\nextra = {it.arguments!r}\n"
        text += "on_reboot = 'destroy'\n"
    else:
        text += _fetch(it.vm.name, bootdisk, it.mountpoint) + "on_reboot = 'restart'\n"
    vif = [f"mac={mac}, bridge=xenbr{index}" for index, mac in enumerate(it.macs)]
    return text + (
        f"memory = {it.vm.mem}\nvcpus = {it.vm.cpus}\nvif = {vif!r}\n"
        f"disk = {[disk_word(disk) for disk in it.disks]!r}\n"
        "root = '/dev/hda1 ro'\nvnc = 1\nvncpasswd = ''\n"
    )


def settings_only(it: XenVm) -> str:
    """The same without Python, which no Xen tool runs since `xm` went: for ``xl create`` and for libvirt.

    No image is made. A VM that boots from its disk does so by pygrub, an hvm one by its firmware.
    """
    lines: list[tuple[str, object]] = [("name", it.vm.name)]
    hvm = it.vm.virt_type == "hvm"
    if hvm:
        lines += [("builder", "hvm"), ("boot", "nc" if it.installs else "cn")]
    elif it.installs:
        lines += [("kernel", INSTALL_KERNEL), ("ramdisk", INSTALL_RAMDISK), ("extra", it.arguments)]
        lines += [("root", "/dev/hda1 ro")]
    else:
        lines += [("bootloader", "pygrub")]
    lines += [
        ("on_reboot", "destroy" if it.installs else "restart"),
        ("memory", it.vm.mem),
        ("vcpus", it.vm.cpus),
        ("vif", [f"mac={mac}, bridge=xenbr{index}" for index, mac in enumerate(it.macs)]),
        ("disk", [_plain_disk(disk) for disk in it.disks]),
    ]
    if hvm:
        lines += [("vnc", 1), ("vncpasswd", "")]
    return PLAIN_HEADING + "".join(f"{name} = {value!r}\n" for name, value in lines)


def _plain_disk(disk: Disk) -> str:
    """xl knows read and write; later Rocks kept a bus in that place."""
    mode = "r" if disk.mode.lower() in ("r", "ro") else "w"
    return f"{disk.vbd_type}:{disk.path},{disk.device},{mode}"


def _image(disk: Disk) -> str:
    seek = disk.size * GB_BYTES - 1
    command = f"dd if=/dev/zero of={shlex.quote(disk.path)} bs=1 count=1 seek={seek}"
    return MAKE_IMAGE.format(path=repr(disk.path), folder=repr(disk.prefix), command=repr(command))


def _fetch(name: str, bootdisk: str, mountpoint: str) -> str:
    mounted = f"{mountpoint}/xen/mnt-{name}"
    kernels = f"{mountpoint}/xen/kernels"
    folder = shlex.quote(mounted)

    def copy(what: str) -> str:
        return repr(f"cp -f {folder}/boot/{what}* {shlex.quote(f'{kernels}/{what}-{name}')}")

    return FETCH_KERNEL.format(
        mount=repr(f"lomount -diskimage {shlex.quote(bootdisk)} -partition 1 {folder}"),
        copy_kernel=copy("vmlinuz"),
        copy_ramdisk=copy("initrd"),
        unmount=repr(f"umount {folder}"),
    )
