"""`<disk>`: a file, a block device or a CD."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element, flag


@dataclass(frozen=True, slots=True)
class Disk:
    """One disk or CD drive.

    Attributes:
        kind: ``file`` or ``block``.
        source: Path on the container; empty for an empty drive.
        target: Device name in the guest, ``hda``; its order matters more than its name.
        bus: ``virtio``, ``ide``, ``scsi``, ``sata``, ``xen``; empty leaves it to the driver.
        driver: Driver name, ``qemu``; empty leaves it to the driver.
        image_format: ``raw``, ``qcow2``, ``qed``.
        device: ``disk`` or ``cdrom``.
        cache: ``none``, ``writeback``…; empty is the driver's default.
        discard: ``unmap`` gives freed blocks back to the container.
        boot_order: Place in the boot order by device; excludes the order in `<os>`.
    """

    kind: str
    source: str
    target: str
    bus: str = ""
    driver: str = ""
    image_format: str = "raw"
    device: str = "disk"
    cache: str = ""
    discard: str = ""
    readonly: bool = False
    shareable: bool = False
    boot_order: int | None = None

    def to_element(self) -> Element:
        """`<disk>`."""
        driver = {
            "name": self.driver or None,
            "type": self.image_format,
            "cache": self.cache or None,
            "discard": self.discard or None,
        }
        source = element("source", {"file" if self.kind == "file" else "dev": self.source}) if self.source else None
        return element(
            "disk",
            {"type": self.kind, "device": self.device},
            [
                element("driver", driver),
                source,
                element("target", {"dev": self.target, "bus": self.bus or None}),
                flag("readonly", self.readonly),
                flag("shareable", self.shareable),
                None if self.boot_order is None else element("boot", {"order": self.boot_order}),
            ],
        )
