"""A guest of the lab that says much on its serial line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from core.console.line import NotNow
from core.console.openers import Place, VmOpener
from core.hypervisor.connection import LibvirtHypervisor
from core.hypervisor.definition import DomainOptions, domain_for
from core.hypervisor.model import ContainerName
from tests.integration.hypervisor.conftest import guest_record
from tests.lab.netns.guest import READY
from tests.lab.netns.lab import NAMES, Lab

BOOT_S = 240.0


@contextmanager
def booted(lab: Lab, name: str) -> Iterator[VmOpener]:
    """A guest at its shell's prompt, and how its console is opened."""
    container = lab.containers[NAMES[0]]
    hypervisor = LibvirtHypervisor(ContainerName(container.name), container.uri, lab.settings())
    hypervisor.open()
    options = DomainOptions(
        kernel=str(lab.guest.kernel),
        initrd=str(lab.guest.initrd),
        arguments=f"{lab.guest.arguments} name={name}",
        bridge="br0",
    )
    made = domain_for(guest_record(name), hypervisor.host(), options)
    if not isinstance(made, str):
        raise RuntimeError(made.reason)
    uuid = hypervisor.define(made)
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
