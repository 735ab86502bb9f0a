"""Every property that an element class declares reaches the XML, and no two mean the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from xml.etree.ElementTree import Element

import pytest

from core.hypervisor.xml.boot import Boot
from core.hypervisor.xml.clock import Clock
from core.hypervisor.xml.console import Console
from core.hypervisor.xml.cpu import Cpu
from core.hypervisor.xml.disk import Disk
from core.hypervisor.xml.domain import Domain
from core.hypervisor.xml.element import element, render
from core.hypervisor.xml.features import Features
from core.hypervisor.xml.graphics import Graphics
from core.hypervisor.xml.interface import Interface
from core.hypervisor.xml.memory import Balloon, Memory
from core.hypervisor.xml.metadata import Metadata
from core.hypervisor.xml.reactions import Reactions

ElementClass = (
    Boot
    | Clock
    | Console
    | Cpu
    | Disk
    | Domain
    | Features
    | Graphics
    | Interface
    | Memory
    | Balloon
    | Metadata
    | Reactions
)

BARE: tuple[ElementClass, ...] = (
    Boot("hvm"),
    Clock(),
    Console(log_file="/var/log/x.log"),
    Cpu(1, mode="custom"),
    Disk("file", "/x.img", "hda"),
    Domain("qemu", "a", "0f2d6c1e-5a7b-4c8d-9e0f-112233445566", Memory(1024), Cpu(1), Boot("hvm")),
    Features(),
    Graphics(),
    Interface("direct", "eth0"),
    Memory(1024),
    Balloon("virtio"),
    Metadata(),
    Reactions(),
)
"""One of each with little set."""

OTHER: dict[str, dict[str, object]] = {
    "Boot": {
        "os_type": "linux", "arch": "x86_64", "machine": "q35", "loader": "/usr/lib/hvmloader", "firmware": "efi",
        "kernel": "/k", "initrd": "/i", "arguments": "quiet", "order": ("network", "hd"), "menu_timeout_ms": 3000,
    },
    "Clock": {"offset": "localtime", "timezone": "Europe/Berlin"},
    "Console": {"target": "xen", "log_file": "/var/log/y.log", "append": False},
    "Cpu": {"count": 2, "most": 4, "mode": "host-model", "model": "qemu64", "pinned": True},
    "Disk": {
        "kind": "block", "source": "/dev/y", "target": "vdb", "bus": "virtio", "driver": "qemu",
        "image_format": "qcow2", "device": "cdrom", "cache": "none", "discard": "unmap", "readonly": True,
        "shareable": True, "boot_order": 1,
    },
    "Domain": {
        "kind": "kvm", "name": "b", "uuid": "0f2d6c1e-5a7b-4c8d-9e0f-112233445567", "memory": Memory(2048),
        "cpu": Cpu(2), "boot": Boot("linux"), "title": "b of vc-2", "metadata": Metadata("Compute"),
        "bootloader": "pygrub", "bootloader_arguments": "--quiet", "features": Features(()),
        "clock": Clock("localtime"), "reactions": Reactions(crash="destroy"), "emulator": "/usr/bin/qemu",
        "disks": (Disk("file", "/x", "hda"),), "interfaces": (Interface("bridge", "br0"),), "console": Console(),
        "graphics": Graphics(), "balloon": Balloon("none"),
    },
    "Features": {"names": ("acpi",)},
    "Graphics": {"port": 5901, "listen": "0.0.0.0", "keymap": "en-us", "video": "vga"},
    "Interface": {
        "kind": "bridge", "source": "br0", "mac": "00:16:3e:00:00:01", "model": "virtio", "vlan": 2,
        "open_vswitch": True, "script": "vif-bridge", "direct_mode": "vepa", "boot_order": 1,
    },
    "Memory": {"most_kib": 2048, "now_kib": 512},
    "Balloon": {"model": "none", "period_s": 10},
    "Metadata": {"membership": "Compute", "slice_no": 0, "cluster": "vc-2", "recipe": "16b76335dfc5"},
    "Reactions": {"poweroff": "preserve", "reboot": "destroy", "crash": "restart"},
}  # fmt: skip
"""For each property another value than the bare one's."""


def text_of(one: ElementClass) -> str:
    made: Element | Iterable[Element] | None
    made = one.to_elements() if isinstance(one, Cpu | Memory | Console | Graphics | Reactions) else one.to_element()
    if made is None:
        return ""
    return render(element("all", children=[made] if isinstance(made, Element) else list(made)))


@pytest.mark.parametrize("bare", BARE, ids=lambda one: type(one).__name__)
def test_every_declared_property_changes_the_xml(bare: ElementClass) -> None:
    others = OTHER[type(bare).__name__]
    names = [field.name for field in dataclasses.fields(bare)]
    assert set(names) == set(others), "a property without a test"
    texts = [text_of(bare)]
    for name in names:
        texts.append(text_of(dataclasses.replace(bare, **{name: others[name]})))  # type: ignore[arg-type]
    assert len(set(texts)) == len(names) + 1


def test_text_from_outside_is_escaped() -> None:
    made = render(element("a", {"b": '<&">'}, [element("c", text="</c><d/>")]))
    assert "<d/>" not in made
    assert "&lt;&amp;&quot;&gt;" in made
