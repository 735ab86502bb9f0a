"""`<os>` and `<bootloader>`: what a domain starts."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Boot:
    """How a domain boots: a kernel from the container, a bootloader on the container, or firmware with an order.

    Attributes:
        os_type: ``hvm``, ``linux`` (Xen para) or ``xenpvh``.
        loader: Firmware image on the container; empty leaves it to the driver (Xen hvm: its own hvmloader).
        firmware: ``efi`` lets libvirt choose a UEFI image; empty is BIOS.
        order: Boot devices, first wins: ``network``, ``hd``, ``cdrom``.
        menu_timeout_ms: Shows a boot menu for so long; None shows none.
    """

    os_type: str
    arch: str = ""
    machine: str = ""
    loader: str = ""
    firmware: str = ""
    kernel: str = ""
    initrd: str = ""
    arguments: str = ""
    order: tuple[str, ...] = ()
    menu_timeout_ms: int | None = None

    def to_element(self) -> Element:
        """`<os>`."""
        children: list[Element | None] = [
            element("type", {"arch": self.arch or None, "machine": self.machine or None}, text=self.os_type),
            element("loader", text=self.loader) if self.loader else None,
            element("kernel", text=self.kernel) if self.kernel else None,
            element("initrd", text=self.initrd) if self.initrd else None,
            element("cmdline", text=self.arguments) if self.arguments else None,
        ]
        children += [element("boot", {"dev": device}) for device in self.order]
        if self.menu_timeout_ms is not None:
            children.append(element("bootmenu", {"enable": "yes", "timeout": self.menu_timeout_ms}))
        return element("os", {"firmware": self.firmware or None}, children)
