"""`<vcpu>`, `<cputune>` and `<cpu>`: how many processors, on which of the container's, and of what kind."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Cpu:
    """A domain's processors.

    Attributes:
        count: vCPUs at boot.
        most: vCPUs that can be plugged while it runs; None means `count`.
        mode: ``host-model``, ``host-passthrough``, ``maximum``, ``custom``; empty leaves it to the driver.
        model: For ``custom``.
        pinned: i-th vCPU on the container's i-th CPU, as Rocks' attribute ``kvm_cpu_pinning=pin_all``.
    """

    count: int
    most: int | None = None
    mode: str = ""
    model: str = ""
    pinned: bool = False

    def to_elements(self) -> list[Element]:
        """`<vcpu>`, then `<cputune>` and `<cpu>` where there is something to say."""
        most = self.most if self.most is not None else self.count
        found = [element("vcpu", {"current": self.count if most != self.count else None}, text=most)]
        if self.pinned:
            pins = [element("vcpupin", {"vcpu": index, "cpuset": index}) for index in range(self.count)]
            found.append(element("cputune", children=pins))
        if self.mode:
            model = element("model", {"fallback": "allow"}, text=self.model) if self.model else None
            found.append(element("cpu", {"mode": self.mode}, [model]))
        return found
