"""`<domain>`: all the elements together, in the order of libvirt's schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from core.hypervisor.xml.boot import Boot
from core.hypervisor.xml.clock import Clock
from core.hypervisor.xml.console import Console
from core.hypervisor.xml.cpu import Cpu
from core.hypervisor.xml.disk import Disk
from core.hypervisor.xml.element import element, render
from core.hypervisor.xml.features import Features
from core.hypervisor.xml.graphics import Graphics
from core.hypervisor.xml.interface import Interface
from core.hypervisor.xml.memory import Balloon, Memory
from core.hypervisor.xml.metadata import Metadata
from core.hypervisor.xml.reactions import Reactions


@dataclass(frozen=True, slots=True)
class Domain:
    """A whole definition.

    Attributes:
        kind: ``kvm``, ``qemu``, ``xen`` or ``test``.
        bootloader: Program on the container that finds a para guest's kernel in its disk, ``pygrub``.
        bootloader_arguments: Its arguments.
        emulator: Device model on the container; empty leaves it to the driver.
    """

    kind: str
    name: str
    uuid: str
    memory: Memory
    cpu: Cpu
    boot: Boot
    title: str = ""
    metadata: Metadata | None = None
    bootloader: str = ""
    bootloader_arguments: str = ""
    features: Features = field(default_factory=Features)
    clock: Clock = field(default_factory=Clock)
    reactions: Reactions = field(default_factory=Reactions)
    emulator: str = ""
    disks: tuple[Disk, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    console: Console | None = None
    graphics: Graphics | None = None
    balloon: Balloon | None = None

    def to_element(self) -> Element:
        """`<domain>`."""
        children: list[Element | None] = [
            element("name", text=self.name),
            element("uuid", text=self.uuid),
            element("title", text=self.title) if self.title else None,
            self.metadata.to_element() if self.metadata else None,
            *self.memory.to_elements(),
            *self._processors_and_boot(),
            self.clock.to_element(),
            *self.reactions.to_elements(),
            self._devices(),
        ]
        return element("domain", {"type": self.kind}, children)

    def to_xml(self) -> str:
        """The definition as text."""
        return render(self.to_element())

    def _processors_and_boot(self) -> list[Element | None]:
        count, *rest = self.cpu.to_elements()
        tuning = [one for one in rest if one.tag == "cputune"]
        model = [one for one in rest if one.tag == "cpu"]
        return [
            count,
            *tuning,
            element("bootloader", text=self.bootloader) if self.bootloader else None,
            element("bootloader_args", text=self.bootloader_arguments) if self.bootloader_arguments else None,
            self.boot.to_element(),
            self.features.to_element(),
            *model,
        ]

    def _devices(self) -> Element:
        return element(
            "devices",
            children=[
                element("emulator", text=self.emulator) if self.emulator else None,
                *(disk.to_element() for disk in self.disks),
                *(interface.to_element() for interface in self.interfaces),
                *(self.console.to_elements() if self.console else ()),
                *(self.graphics.to_elements() if self.graphics else ()),
                self.balloon.to_element() if self.balloon else None,
            ],
        )
