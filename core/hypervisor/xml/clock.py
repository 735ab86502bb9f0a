"""`<clock>`: what the guest's hardware clock shows."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Clock:
    """A domain's clock.

    Attributes:
        offset: ``utc``, ``localtime``, ``timezone`` or ``variable``.
        timezone: For ``timezone``.
    """

    offset: str = "utc"
    timezone: str = ""

    def to_element(self) -> Element:
        """`<clock>`."""
        return element("clock", {"offset": self.offset, "timezone": self.timezone or None})
