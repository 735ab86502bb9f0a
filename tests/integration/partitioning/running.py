"""An installed VM, running: a kernel and an initramfs that mounts its disks by their fstab and lets root in by SSH.

The lab's installer leaves no operating system behind; this stands for it.
"""

from __future__ import annotations

import gzip
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.integration.install.conftest import CONTAINER, Site
from tests.lab.installer.image import InstallerImage
from tests.lab.netns.guest import archive
from tests.lab.netns.needs import program

UP = "lab system up"
"""Printed on the console when sshd listens."""

_APPLETS = "sh mount insmod cat echo ip hostname ls grep sed mkdir rm cut tr find sync sleep poweroff head awk blkid"
_INIT = """#!/bin/sh
export PATH=/bin:/sbin:/usr/sbin TERM=linux
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /run/sshd /installed
for module in $(cat /modules/order); do insmod "/modules/$module" 2> /dev/null; done
exec > /dev/console 2>&1
argument() { tr ' ' '\\n' < /proc/cmdline | sed -n "s/^$1=//p"; }
hostname "$(argument name)"
ip link set lo up
for path in /sys/class/net/eth*; do
    device=${path##*/}
    ip link set "$device" up
    ip addr add "$(argument address)/24" dev "$device"
done
mount -t ext4 "/dev/$(argument root)" /installed
grep -v ' swap ' /installed/etc/fstab | while read -r device mount type _; do
    [ "$mount" = / ] && continue
    case $device in UUID=*) device=$(blkid | grep "UUID=\\"${device#UUID=}\\"" | cut -d : -f 1 | head -n 1) ;; esac
    mkdir -p "/installed$mount"
    mount -t "$type" "$device" "/installed$mount"
done
chmod 700 /etc/ssh/* 2> /dev/null
/usr/sbin/sshd -f /etc/ssh/sshd_config && echo "READY"
while :; do sleep 60; done
"""
_SSHD = """HostKey /etc/ssh/host_key
AuthorizedKeysFile /etc/ssh/authorized_keys
StrictModes no
UsePAM no
UseDNS no
PermitRootLogin yes
PasswordAuthentication no
PidFile /run/sshd.pid
"""


@dataclass(frozen=True, slots=True)
class System:
    """The files of the running system, and its host's public key."""

    kernel: Path
    initrd: Path
    host_key: str


def make_system(image: InstallerImage, folder: Path, authorized: str) -> System:
    """Make the initramfs; `folder` is one that containers see under the same path.

    Args:
        authorized: Public key that is let in as root.
    """
    modules = image.kernel.parent / "modules"
    key = folder / "host_key"
    subprocess.run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    folders = (
        "bin",
        "dev",
        "proc",
        "sys",
        "etc",
        "etc/ssh",
        "tmp",
        "run",
        "modules",
        "usr",
        "usr/sbin",
        "root",
        "var",
    )
    files: dict[str, tuple[int, bytes]] = dict.fromkeys((*folders, "var/empty"), (0o40755, b""))
    files["init"] = (0o100755, _INIT.replace("READY", UP).encode())
    files["bin/busybox"] = (0o100755, Path(program("busybox")).read_bytes())
    files |= {f"bin/{applet}": (0o120777, b"busybox") for applet in (*_APPLETS.split(), "chmod")}
    files["etc/passwd"] = (0o100644, b"root:x:0:0:root:/root:/bin/sh\nsshd:x:101:65534::/run/sshd:/bin/false\n")
    files["etc/group"] = (0o100644, b"root:x:0:\nnogroup:x:65534:\n")
    files["etc/shadow"] = (0o100600, b"root:*:19000:0:99999:7:::\nsshd:*:19000:0:99999:7:::\n")
    files["etc/ssh/sshd_config"] = (0o100600, _SSHD.encode())
    files["etc/ssh/authorized_keys"] = (0o100600, authorized.encode())
    files["etc/ssh/host_key"] = (0o100600, key.read_bytes())
    for path in modules.iterdir():
        files[f"modules/{path.name}"] = (0o100644, path.read_bytes())
    sshd = Path(program("sshd"))
    done = subprocess.run(["ldd", str(sshd)], capture_output=True, text=True, check=True)
    for found in (*re.findall(r"(/\S+) \(0x", done.stdout), str(sshd)):
        name = "usr/sbin/sshd" if found == str(sshd) else found.lstrip("/")
        for parent in reversed(Path(name).parents[:-1]):
            files.setdefault(str(parent), (0o40755, b""))
        files[name] = (0o100755, Path(found).read_bytes())
    initrd = folder / "system.gz"
    initrd.write_bytes(
        gzip.compress(archive((name, *content) for name, content in sorted(files.items())), 1, mtime=0)
    )
    return System(image.kernel, initrd, key.with_suffix(".pub").read_text(encoding="utf-8").strip())


def boot(site: Site, name: str, address: str, system: System, root: str = "vda1") -> None:
    """Boot an installed VM into it; its lasting definition boots from its disk as before."""
    container = site.lab.containers[CONTAINER]
    site.stop(name)
    lasting = site.lab.virsh(CONTAINER, "dumpxml", "--inactive", name)
    arguments = f"console=ttyS0 quiet panic=5 name={name} address={address} root={root}"
    direct = f"<kernel>{system.kernel}</kernel><initrd>{system.initrd}</initrd><cmdline>{arguments}</cmdline></os>"
    for text, words in ((lasting.replace("</os>", direct), ("define", "start")), (lasting, ("define",))):
        path = container.base / f"{name}.xml"
        path.write_text(text, encoding="utf-8")
        site.lab.virsh(CONTAINER, words[0], str(path))
        if len(words) > 1:
            site.lab.virsh(CONTAINER, words[1], name)
