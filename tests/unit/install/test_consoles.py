"""Which consoles an installer and the system it installs are told, machine by machine."""

from __future__ import annotations

import pytest

from core.install.arguments import kernel_arguments
from core.install.consoles import kind_of, kind_of_node, of_installed, of_installer
from core.install.kickstart import NodeNetwork, Order, render
from core.store.records import Scope
from core.store.store import Store
from tests.unit.install.conftest import MACS

FIRST = next(iter(MACS))
NETWORK = NodeNetwork("00:16:3e:00:00:01", "10.1.255.9", "255.255.0.0", "", "", "c-0-0.local")


def kickstart_of(store: Store, machine: str) -> str:
    with store.reading() as rows:
        node = rows.nodes.find(FIRST)
        assert node is not None
        text = render(Order(node, NETWORK, {}, "http://10.1.1.1:8040", "T", machine=machine))
    assert isinstance(text, str)
    return next(line for line in text.splitlines() if line.startswith("bootloader"))


@pytest.mark.parametrize(
    ("driver", "virt_type", "installer", "installed"),
    [
        ("qemu", "hvm", ["ttyS0,115200"], ["tty0", "ttyS0,115200"]),
        ("qemu", None, ["ttyS0,115200"], ["tty0", "ttyS0,115200"]),
        ("xen", "para", ["hvc0"], ["hvc0"]),
        ("xen", None, ["hvc0"], ["hvc0"]),
        ("xen", "pvh", ["hvc0"], ["hvc0"]),
        ("xen", "hvm", ["hvc0", "ttyS0,115200"], ["tty0", "hvc0", "ttyS0,115200"]),
    ],
)
def test_consoles_of_each_machine(
    store: Store, driver: str, virt_type: str | None, installer: list[str], installed: list[str]
) -> None:
    kind = kind_of(driver, virt_type)
    words = kernel_arguments(NETWORK, "http://h", "T", kind=kind).split()
    assert [word for word in words if word.startswith("console=")] == [f"console={one}" for one in installer]
    assert of_installer(kind) in " ".join(words)
    assert " ".join(f"console={one}" for one in installed) == of_installed(kind)
    assert of_installed(kind) in kickstart_of(store, kind)


@pytest.mark.parametrize(
    ("uri", "virt_type", "kind"),
    [
        ("xen+ssh://root@{host}/system", "hvm", "xen hvm"),
        ("xen+ssh://root@{host}/system", "para", "xen"),
        ("qemu+ssh://root@{host}/system", "hvm", "qemu"),
        ("", "hvm", ""),
    ],
)
def test_the_kind_is_read_from_the_store(store: Store, uri: str, virt_type: str, kind: str) -> None:
    with store.begin() as rows:
        house, vm = rows.nodes.find("vm-container-0-0"), rows.vms.find(FIRST)
        assert house is not None and vm is not None
        rows.attributes.set(Scope.HOST, house.id, "libvirt_uri", uri)
        rows.vms.update(vm.id, virt_type=virt_type)
    with store.reading() as rows:
        node, frontend = rows.nodes.find(FIRST), rows.nodes.find("rocks")
        assert node is not None and frontend is not None
        assert kind_of_node(rows, node) == kind
        assert kind_of_node(rows, frontend) == "", "a physical one"
