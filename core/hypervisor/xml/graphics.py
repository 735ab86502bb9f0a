"""`<graphics>` and `<video>`: a VNC server for guests that paint instead of writing."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from core.hypervisor.xml.element import element


@dataclass(frozen=True, slots=True)
class Graphics:
    """A VNC server on the container.

    Attributes:
        port: None lets libvirt choose a free one.
        listen: Address; the container's loopback unless the operator wants otherwise.
        keymap: Empty is the client's.
        video: Card model, ``vga``, ``cirrus``, ``virtio``; empty leaves it to the driver.
    """

    port: int | None = None
    listen: str = "127.0.0.1"
    keymap: str = ""
    video: str = ""

    def to_elements(self) -> list[Element]:
        """`<graphics>`, and `<video>` when a model is wanted."""
        attributes: dict[str, str | int | None] = {
            "type": "vnc",
            "port": -1 if self.port is None else self.port,
            "autoport": "yes" if self.port is None else "no",
            "listen": self.listen,
            "keymap": self.keymap or None,
        }
        found = [element("graphics", attributes)]
        if self.video:
            found.append(element("video", children=[element("model", {"type": self.video})]))
        return found
