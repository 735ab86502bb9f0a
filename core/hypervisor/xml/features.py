"""`<features>`: what the virtual board offers."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element

KNOWN = ("acpi", "apic", "pae", "hap", "viridian", "privnet")
"""Features that are switched on by being named; Rocks' attribute ``HVM_Features`` lists them."""


@dataclass(frozen=True, slots=True)
class Features:
    """The names of features to switch on."""

    names: tuple[str, ...] = ("acpi", "apic", "pae")

    def to_element(self) -> Element | None:
        """`<features>`, or None without any."""
        return element("features", children=[Element(name) for name in self.names]) if self.names else None
