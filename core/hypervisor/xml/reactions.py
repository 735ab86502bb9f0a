"""`<on_poweroff>`, `<on_reboot>`, `<on_crash>`: what libvirt does when the guest does something."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Reactions:
    """Rocks' choices: off is off, a reboot restarts (destroys while installing), a crash is kept to look at."""

    poweroff: str = "destroy"
    reboot: str = "restart"
    crash: str = "preserve"

    def to_elements(self) -> list[Element]:
        """The three elements."""
        return [
            element("on_poweroff", text=self.poweroff),
            element("on_reboot", text=self.reboot),
            element("on_crash", text=self.crash),
        ]
