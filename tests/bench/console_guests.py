"""Guests of the lab that say much: one on a serial line, one on a virtio console, which is a hundred times faster."""

from __future__ import annotations

import gzip
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from core.console.line import NotNow
from core.console.openers import Place, VmOpener
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.definition import DomainOptions, domain_for
from core.hypervisor.model import ContainerName
from core.hypervisor.xml.console import Console
from tests.integration.hypervisor.conftest import guest_record
from tests.lab.cache import building, cache_folder
from tests.lab.netns.guest import MODULES, READY, fetch_kernel, initramfs
from tests.lab.netns.lab import NAMES, Lab

BOOT_S = 240.0


def virtio_guest() -> tuple[Path, Path]:
    """Kernel and initrd of the lab's guest with a driver for virtio consoles; made once."""
    folder = cache_folder("bench-console")
    kernel, initrd, modules = (folder / name for name in ("vmlinuz", "initrd.gz", "modules"))
    with building(folder):
        if not initrd.exists():
            fetch_kernel(kernel, modules, (*MODULES, "virtio_console"))
            initrd.write_bytes(gzip.compress(initramfs(modules), 6, mtime=0))
    return kernel, initrd


@contextmanager
def booted(lab: Lab, name: str, *, virtio: bool) -> Iterator[VmOpener]:
    """A guest at its shell's prompt, and how its console is opened."""
    container = lab.containers[NAMES[0]]
    hypervisor = LibvirtHypervisor(ContainerName(container.name), container.uri, lab.settings())
    hypervisor.open()
    log = f"/var/log/libvirt/qemu/{name}.console.log"
    kernel, initrd = virtio_guest() if virtio else (lab.guest.kernel, lab.guest.initrd)
    arguments = f"{lab.guest.arguments} name={name}"
    options = DomainOptions(kernel=str(kernel), initrd=str(initrd), bridge="br0", arguments=arguments)
    if virtio:
        options = replace(options, arguments=arguments.replace("console=ttyS0", "console=hvc0"))
    made = domain_for(guest_record(name), hypervisor.host(), options)
    if not isinstance(made, str):
        raise RuntimeError(made.reason)
    uuid = hypervisor.define(with_virtio_console(made, log) if virtio else made)
    hypervisor.start(uuid)
    try:
        kept = container.base / f"log-libvirt/qemu/{name}.console.log"
        give_up_at = time.monotonic() + BOOT_S
        while not (kept.exists() and READY.encode() in kept.read_bytes()):
            if time.monotonic() > give_up_at:
                raise RuntimeError(f"{name} did not boot")
            time.sleep(0.1)
        time.sleep(1.0)
        place = Place(container.name, container.uri, str(uuid))
        yield VmOpener(name, lambda: place, lab.settings())
    finally:
        hypervisor.destroy(uuid)
        hypervisor.undefine(uuid)
        hypervisor.close()


def with_virtio_console(definition: str, log: str) -> str:
    """A definition with a virtio console instead of its serial line."""
    root = ET.fromstring(definition)
    devices = root.find("devices")
    if devices is None:
        raise RuntimeError("the definition has no devices")
    for old in [one for one in devices if one.tag in ("serial", "console")]:
        devices.remove(old)
    devices.extend(Console("virtio", log).to_elements())
    return ET.tostring(root, encoding="unicode")


def say_forever(opener: VmOpener) -> None:
    """Have the shell of a guest write to its console without end, in lines as kernels write them."""
    line = opener.open(80, 24, take_over=True)
    if isinstance(line, NotNow):
        raise RuntimeError(line.detail)
    until = time.monotonic() + 5.0
    while not line.is_ready and time.monotonic() < until:
        line.read(0.1)
    line.write(b"\rfor i in 1 2 3 4 5 6 7 8 9; do dmesg; done > said; while :; do cat said; done\r")
    until = time.monotonic() + 3.0
    while time.monotonic() < until:
        line.read(0.1)
    line.close()
