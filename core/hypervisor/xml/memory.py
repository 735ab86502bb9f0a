"""`<memory>`, `<currentMemory>` and `<memballoon>`."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Memory:
    """A domain's memory in KiB.

    Attributes:
        most_kib: What it boots with, and the most it can be ballooned to.
        now_kib: What it is ballooned to from the start; None means `most_kib`.
    """

    most_kib: int
    now_kib: int | None = None

    def to_elements(self) -> list[Element]:
        """`<memory>` and `<currentMemory>`."""
        now = self.now_kib if self.now_kib is not None else self.most_kib
        return [
            element("memory", {"unit": "KiB"}, text=self.most_kib),
            element("currentMemory", {"unit": "KiB"}, text=now),
        ]


@dataclass(frozen=True, slots=True)
class Balloon:
    """The balloon device.

    Attributes:
        model: ``virtio``, ``xen`` or ``none``.
        period_s: How often the guest says what it uses; None never. Set here so that a look never has to.
    """

    model: str
    period_s: int | None = None

    def to_element(self) -> Element:
        """`<memballoon>`."""
        stats = element("stats", {"period": self.period_s}) if self.period_s is not None else None
        return element("memballoon", {"model": self.model}, [stats])
