"""The dom0 image: Debian with Xen, libvirt's libxl driver and an SSH server, made without mounting anything.

Built once (a few minutes, needs root, mmdebstrap and Debian's packages) and kept under the lab cache.
"""

from __future__ import annotations

import gzip
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.cache import building, cache_folder

RECIPE = "3"
"""Raise when anything below changes what ends up in the image."""

PACKAGES = (
    "linux-image-amd64",
    "xen-hypervisor-4.17-amd64",
    "xen-utils-4.17",
    "xen-system-amd64",
    "libvirt-daemon",
    "libvirt-daemon-driver-xen",
    "libvirt-daemon-system",
    "libvirt-clients",
    "qemu-system-xen",
    "qemu-utils",
    "openssh-server",
    "iproute2",
    "ifupdown",
    "bridge-utils",
    "systemd-sysv",
    "udev",
    "kmod",
    "rsync",
    "python3-minimal",
)

TOOLS = ("mmdebstrap", "mke2fs", "qemu-img", "qemu-system-x86_64", "setpriv", "ssh", "ssh-keygen")

_STEP_S = 1800.0
"""For one step of the build; fetching the packages is the longest."""

CPU_MODEL = "quarry-lab"
CPU_FEATURES = (
    "apic",
    "clflush",
    "cmov",
    "cx8",
    "fpu",
    "fxsr",
    "lm",
    "mmx",
    "msr",
    "nx",
    "pae",
    "sse",
    "sse2",
    "syscall",
)
"""What a PV dom0 is sure to see of the emulated processor."""

INTERFACES = """\
auto lo
iface lo inet loopback
auto eth0
iface eth0 inet manual
auto xenbr0
iface xenbr0 inet static
    address 10.0.2.15/24
    gateway 10.0.2.2
    bridge_ports eth0
    bridge_fd 0
    bridge_stp off
"""


@dataclass(frozen=True, slots=True)
class Dom0Image:
    """What a machine boots from. All files are only read."""

    disk: Path
    """qcow2 with the root file system."""
    hypervisor: Path
    kernel: Path
    initrd: Path
    key: Path
    """SSH private key of root."""
    host_key: str
    """The machine's SSH host key, ``type base64``."""


def missing_tools() -> list[str]:
    """Programs the build and the boot need and this machine lacks."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


def dom0_image() -> Dom0Image:
    """The cached image, built first when it is not there.

    Raises:
        subprocess.SubprocessError: A step of the build failed; its output is in ``build.log`` beside the image.
    """
    folder = cache_folder("xen") / f"image-{RECIPE}"
    folder.mkdir(exist_ok=True)
    with building(folder):
        if not (folder / "complete").exists():
            _build(folder)
            (folder / "complete").touch()
    host_key = " ".join((folder / "host_key.pub").read_text().split()[:2])
    return Dom0Image(
        folder / "base.qcow2", folder / "xen", folder / "vmlinuz", folder / "initrd", folder / "key", host_key
    )


def _build(folder: Path) -> None:
    root = folder / "root"
    shutil.rmtree(root, ignore_errors=True)
    with (folder / "build.log").open("wb") as log:

        def run(*words: str | Path) -> None:
            subprocess.run([str(word) for word in words], check=True, stdout=log, stderr=log, timeout=_STEP_S)

        run("mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", root)
        for name in ("key", "host_key"):
            (folder / name).unlink(missing_ok=True)
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "quarry-lab", "-f", folder / name)
        _configure(root, folder)
        raw = folder / "root.img"
        raw.unlink(missing_ok=True)
        with raw.open("wb") as stream:
            stream.truncate(6 * 1024**3)
        run("mke2fs", "-q", "-t", "ext4", "-d", root, raw)
        run("qemu-img", "convert", "-O", "qcow2", raw, folder / "base.qcow2")
        raw.unlink()
    boot = root / "boot"
    (folder / "xen").write_bytes(gzip.decompress(next(boot.glob("xen-*-amd64.gz")).read_bytes()))
    shutil.copy(next(boot.glob("vmlinuz-*")), folder / "vmlinuz")
    shutil.copy(next(boot.glob("initrd.img-*")), folder / "initrd")
    shutil.rmtree(root)


def _configure(root: Path, folder: Path) -> None:
    def write(path: str, text: str, mode: int = 0o644) -> None:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    write("etc/fstab", "/dev/vda / ext4 rw,noatime 0 1\n")
    write("etc/hostname", "dom0\n")
    write("etc/network/interfaces", INTERFACES)
    write("etc/default/libvirtd", 'LIBVIRTD_ARGS=""\n')
    write("root/.ssh/authorized_keys", (folder / "key.pub").read_text(), 0o600)
    (root / "root/.ssh").chmod(0o700)
    write("etc/ssh/ssh_host_ed25519_key", (folder / "host_key").read_text(), 0o600)
    write("etc/ssh/ssh_host_ed25519_key.pub", (folder / "host_key.pub").read_text())
    (root / "state/partition1/xen/disks").mkdir(parents=True)
    units = root / "etc/systemd/system"
    for timer in (units / "timers.target.wants").glob("*"):
        timer.unlink()
    for unit in ("libvirt-guests.service", "xendomains.service", "e2scrub_reap.service"):
        (units / unit).unlink(missing_ok=True)
        (units / unit).symlink_to("/dev/null")
    _teach_cpu(root / "usr/share/libvirt/cpu_map")


def _teach_cpu(folder: Path) -> None:
    """Give libvirt a CPU model that fits the processor as a dom0 sees it; the libxl driver insists on one."""
    features = "".join(f"    <feature name='{name}'/>\n" for name in CPU_FEATURES)
    (folder / f"x86_{CPU_MODEL}.xml").write_text(
        f"<cpus>\n  <model name='{CPU_MODEL}'>\n    <decode host='on' guest='on'/>\n{features}  </model>\n</cpus>\n"
    )
    index = folder / "index.xml"
    first = "<include filename='x86_486.xml'/>"
    index.write_text(index.read_text().replace(first, f"{first}\n    <include filename='x86_{CPU_MODEL}.xml'/>"))
