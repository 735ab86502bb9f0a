"""The two ways a para VM gets its kernel, and what `report host vm` says of them."""

from __future__ import annotations

import pytest

from core.commands.refusal import Status
from tests.integration.xen.house import DISKS, FIRST, XenHouse
from tests.lab.xen.guest import KERNEL, install_bootable_disk

pytestmark = [pytest.mark.real, pytest.mark.timeout(3600)]


def test_pygrub_boots_the_kernel_inside_the_disk(house: XenHouse) -> None:
    name = house.add_vm()
    house.run("remove attr vm_kernel")
    house.run("remove attr vm_initrd")
    install_bootable_disk(house.machines[FIRST], f"{DISKS}/{name}.hda")
    assert "<bootloader>pygrub</bootloader>" in house.run(f"report host vm config {name}")
    house.run(f"start host vm {name}")
    assert house.status(name) == "active"
    house.boots(name, 1)


def test_a_disk_without_a_boot_menu_is_told(house: XenHouse) -> None:
    name = house.add_vm()
    house.run("remove attr vm_kernel")
    house.run("remove attr vm_initrd")
    complaint = house.run(f"start host vm {name}", Status.CONTAINER)
    assert "libxl-driver.log" in complaint and "boot menu" in complaint, "libvirt itself only says that it failed"
    assert house.status(name) == "shutoff"


def test_a_kernel_on_the_container_has_the_root_device_added(house: XenHouse) -> None:
    """Every other test boots one; what libvirt makes of the definition is looked at here."""
    name = house.add_vm()
    house.run(f"set host attr {name} vm_kernel_args 'value=quiet panic=1'")
    machine = house.machines[FIRST]
    (house.folder / "vm.xml").write_text(house.run(f"report host vm config {name}"), encoding="utf-8")
    machine.put(house.folder / "vm.xml", "/tmp/vm.xml")
    native = machine.virsh("domxml-to-native", "xen-xl", "/tmp/vm.xml")
    assert f'kernel = "{KERNEL}"' in native
    assert "root=/dev/hda1 ro console=hvc0 quiet panic=1" in native


def test_reported_configurations_are_taken_by_xl_and_libvirt(house: XenHouse) -> None:
    machine = house.machines[FIRST]
    for virt_type in ("para", "hvm"):
        name = house.add_vm(f"virt-type={virt_type} num-macs=2")
        for action in ("install", "os"):
            house.run(f"set host boot {name} action={action}")
            (house.folder / "vm.cfg").write_text(house.run(f"report host vm {name} plain=yes"), encoding="utf-8")
            machine.put(house.folder / "vm.cfg", "/tmp/vm.cfg")
            machine.ssh("xl create -n /tmp/vm.cfg")
            # An xm configuration of an hvm named its firmware's file, which only the container knows.
            for native in ("xen-xl", "xen-xm") if virt_type == "para" else ("xen-xl",):
                xml = machine.virsh("domxml-from-native", native, "/tmp/vm.cfg")
                assert f"<name>{name}</name>" in xml and f"<source file='{DISKS}/{name}.hda'/>" in xml
                assert xml.count("<mac address='00:16:3e:") == 2
                assert (">hvm</type>" in xml) is (virt_type == "hvm")


def test_the_python_of_rocks_comes_to_settings_that_xl_takes(house: XenHouse) -> None:
    """`xm create` ran the text; nothing does today, so Python runs it here and xl gets what it sets."""
    name = house.add_vm()
    machine = house.machines[FIRST]
    (house.folder / "vm.py").write_text(house.run(f"report host vm {name} create=yes"), encoding="utf-8")
    machine.put(house.folder / "vm.py", "/tmp/vm.py")
    machine.ssh(
        "python3 -c \"import runpy; found = runpy.run_path('/tmp/vm.py');"
        " print(*(f'{key} = {value!r}' for key, value in found.items()"
        " if key[0] != '_' and isinstance(value, (str, int, list))), sep='\\n')\" > /tmp/vm.cfg"
    )
    assert machine.ssh(f"stat -c %s {DISKS}/{name}.hda").strip() == str(10**9), "it made the image"
    machine.ssh("xl create -n /tmp/vm.cfg")
    assert f"<name>{name}</name>" in machine.virsh("domxml-from-native", "xen-xm", "/tmp/vm.cfg")
