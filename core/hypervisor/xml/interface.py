"""`<interface>`: a network card on a Linux bridge, an Open vSwitch, a container's device, or a libvirt network."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Interface:
    """One network card.

    Attributes:
        kind: ``bridge``, ``direct`` (macvtap) or ``network``.
        source: The bridge, the container's device, or the libvirt network.
        mac: Empty lets libvirt make one.
        model: ``virtio``, ``e1000``…; empty leaves it to the driver.
        vlan: Tag on an Open vSwitch port or a libvirt network; a Linux bridge has a sub-bridge for each VLAN instead.
        open_vswitch: The bridge is an Open vSwitch.
        script: Hotplug script on the container (Xen's ``vif-bridge``).
        direct_mode: Of ``direct``: ``bridge``, ``vepa``, ``private``, ``passthrough``.
        boot_order: Place in the boot order by device; excludes the order in `<os>`.
    """

    kind: str
    source: str
    mac: str = ""
    model: str = ""
    vlan: int | None = None
    open_vswitch: bool = False
    script: str = ""
    direct_mode: str = "bridge"
    boot_order: int | None = None

    def to_element(self) -> Element:
        """`<interface>`."""
        return element(
            "interface",
            {"type": self.kind},
            [
                element("mac", {"address": self.mac}) if self.mac else None,
                self._source(),
                None if self.vlan is None else element("vlan", children=[element("tag", {"id": self.vlan})]),
                element("virtualport", {"type": "openvswitch"}) if self.open_vswitch else None,
                element("script", {"path": self.script}) if self.script else None,
                element("model", {"type": self.model}) if self.model else None,
                None if self.boot_order is None else element("boot", {"order": self.boot_order}),
            ],
        )

    def _source(self) -> Element:
        if self.kind == "direct":
            return element("source", {"dev": self.source, "mode": self.direct_mode})
        return element("source", {self.kind: self.source})
