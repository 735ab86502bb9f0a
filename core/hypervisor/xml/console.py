"""`<serial>` and `<console>`: the text console, with a log on the container where the driver can keep one."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Console:
    """The first text console.

    Attributes:
        target: ``serial`` for emulated machines, ``xen`` for para guests.
        log_file: File on the container that keeps what the guest says; empty keeps nothing.
        append: Keep the log over restarts of the domain.
    """

    target: str = "serial"
    log_file: str = ""
    append: bool = True

    def to_elements(self) -> list[Element]:
        """`<serial>` where the machine has a serial port, and `<console>`."""
        if self.target != "serial":
            target = element("target", {"type": self.target, "port": 0})
            return [element("console", {"type": "pty"}, [self._log(), target])]
        return [
            element("serial", {"type": "pty"}, [self._log(), element("target", {"port": 0})]),
            element("console", {"type": "pty"}, [element("target", {"type": "serial", "port": 0})]),
        ]

    def _log(self) -> Element | None:
        if not self.log_file:
            return None
        return element("log", {"file": self.log_file, "append": "on" if self.append else "off"})
