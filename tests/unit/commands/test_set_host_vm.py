"""``set host vm`` and the other setters, with what Rocks got wrong."""

from __future__ import annotations

import pytest

from core.hypervisor.connection import LibvirtHypervisor
from tests.unit.commands.conftest import Console

DISKS = "SELECT vbd_type, prefix, name, device, size FROM vm_disks ORDER BY id"


@pytest.fixture
def vm(cluster: Console) -> Console:
    """One VM, compute-0-0-0."""
    cluster.out("add host vm vm-container-0-0 Compute")
    return cluster


def test_disks_are_replaced_together_with_their_sizes(vm: Console) -> None:
    vm.out("set host vm compute-0-0-0 disk='file:/d1/a.hda,hda,w tap:aio:/d2/b.hdb,hdb,w' disksize='1 20'")
    assert vm.rows(DISKS) == [("file", "/d1", "a.hda", "hda", 1), ("tap:aio", "/d2", "b.hdb", "hdb", 20)]


def test_disks_without_sizes_get_the_usual_one(vm: Console) -> None:
    # Rocks deleted the old disks and crashed.
    vm.out("set host vm compute-0-0-0 disk=phy:/dev/vg/x,hda,w")
    assert vm.rows(DISKS) == [("phy", "/dev/vg", "x", "hda", 36)]


def test_sizes_alone_change_every_disk_they_name(vm: Console) -> None:
    vm.out("set host vm compute-0-0-0 disk='file:/a/x,hda,w file:/a/y,hdb,w'")
    vm.out("set host vm compute-0-0-0 disksize='67 28'")
    assert [row[4] for row in vm.rows(DISKS)] == [67, 28]


def test_virt_type_and_cpus_can_be_set(vm: Console) -> None:
    vm.out("set host vm compute-0-0-0 virt-type=hvm cpus=4 mem=2048 slice=7 physnode=vm-container-1-0")
    assert vm.rows(
        "SELECT n.cpus, v.mem, v.slice, v.virt_type, p.name FROM vm_nodes v "
        "JOIN nodes n ON n.id = v.node JOIN nodes p ON p.id = v.physnode"
    ) == [(4, 2048, 7, "hvm", "vm-container-1-0")]


def test_a_physnode_given_as_address_or_group_of_one(vm: Console) -> None:
    # Rocks checked it by the host language and then looked the word itself up.
    vm.out("add host nas-0-0 ip=10.7.7.7")
    vm.out("set host vm compute-0-0-0 physnode=10.7.7.7")
    vm.out("set host vm compute-0-0-0 physnode=rack1")
    vm.out("set host vm compute-0-0-0 physnode=nas")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "must supply only one host"),
        ("compute vm-container", "must supply only one host"),
        ("nosuch mem=1", 'cannot resolve host "nosuch"'),
        ("compute-0-0-0 mem=lots", '"mem" parameter must be an integer'),
        ("compute-0-0-0 physnode=nosuch", 'physnode "nosuch" does not exist'),
        ("compute-0-0-0 physnode=vm-container", "too many physnodes. only supply one physnode"),
        ("compute-0-0-0 physnode=compute-0-0-0", "is a VM itself and cannot house one"),
        ("compute-0-0-0 disk=nonsense", 'invalid disk specification: "nonsense"'),
        ("compute-0-0-0 'disk=file:/a,hda,w file:/b,hda,w'", 'two disks have the device "hda"'),
        ("compute-0-0-0 'disk=file:/a,hda,w file:/a,hdb,w'", 'two disks have the image "//a"'),
        ("compute-0-0-0 disksize=big", '"disksize" values must be integers'),
        ("compute-0-0-0 'disksize=1 2'", "too many disksize vm has only 1 disks"),
        ("compute-0-0-0 virt-type=zz", "virt-type must be either 'hvm' or 'para'"),
        ("compute-0-0-0 uuid=zz", '"zz" is not a UUID'),
        ("compute-0-0-0 cdrom=n", "You must use an absolute path for the ISO"),
        ("vm-container-0-1 mem=512", "vm-container-0-1 is not a VM; physnode= makes it one"),
    ],
)
def test_bad_input_changes_nothing(vm: Console, words: str, sentence: str) -> None:
    before = vm.rows("SELECT * FROM vm_nodes"), vm.rows("SELECT * FROM vm_disks")
    assert sentence in vm.error(f"set host vm {words}")
    assert before == (vm.rows("SELECT * FROM vm_nodes"), vm.rows("SELECT * FROM vm_disks"))


def test_a_move_to_a_taken_slice_names_the_next_free_one(vm: Console) -> None:
    vm.out("add host vm vm-container-0-1 Compute")
    assert vm.error("set host vm compute-0-0-0 physnode=vm-container-0-1") == (
        "slice 0 of vm-container-0-1 is compute-0-1-0; give slice=, the next free one is 1"
    )


def test_a_vm_in_a_job_is_nobody_elses(vm: Console) -> None:
    with vm.context.open_store().begin() as repository:
        node = repository.nodes.find("compute-0-0-0")
        assert node is not None
        repository.locks.take(node.id, owner="anna", reason="moving", pid=1, host="elsewhere", job=7)
    for line in ("set host vm compute-0-0-0 mem=1", "remove host compute-0-0-0", "set host cpus compute-0-0-0 2"):
        assert "compute-0-0-0 is held by anna (job 7): moving" in vm.error(line)


@pytest.mark.parametrize(
    ("line", "query", "value"),
    [
        ("ip compute-0-0-0 eth0 10.1.2.3", "ip", "10.1.2.3"),
        ("ip compute-0-0-0 eth0 none", "ip", None),
        ("mac compute-0-0-0 eth0 0:16:3E:0:0:9", "mac", "00:16:3e:00:00:09"),
        ("vlan compute-0-0-0 eth0 17", "vlanid", 17),
        ("vlan compute-0-0-0 00:16:3e:00:00:01 none", "vlanid", None),
        ("name compute-0-0-0 eth0 login", "name", "login"),
        ("module compute-0-0-0 eth0 e1000", "module", "e1000"),
    ],
)
def test_interface_setters(vm: Console, line: str, query: str, value: object) -> None:
    vm.out(f"set host interface {line}")
    rows = vm.rows(f"SELECT i.{query} FROM networks i JOIN nodes n ON n.id = i.node WHERE n.name = 'compute-0-0-0'")
    assert rows == [(value,)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ip compute-0-0-0 eth0 10.1.1.1", "is already in the database (rocks)"),
        ("ip compute-0-0-0 eth0 192.0.2.1", 'is not in the network "private"'),
        ("ip compute-0-0-0 eth9 10.1.2.3", 'no interface "eth9" exists on host "compute-0-0-0" (it has eth0)'),
        ("ip rack0 eth0 10.1.2.3", "must supply only one host"),
        ("mac compute-0-0-0 eth0 x", '"x" is not a MAC address'),
        ("vlan compute-0-0-0 eth0 1", '"vlan" must be between 2 and 4095'),
        ("subnet compute-0-0-0 eth0 nosuch", 'could not get subnet id for subnet "nosuch"'),
        ("vlan compute-0-0-0 eth0", "must supply vlan"),
    ],
)
def test_interface_setters_refuse(vm: Console, line: str, sentence: str) -> None:
    assert sentence in vm.error(f"set host interface {line}")


def test_a_running_vm_gets_what_it_can_now_and_the_rest_at_next_start(
    running: Console, driver: LibvirtHypervisor
) -> None:
    result = running.run("set host vm test mem=512 slice=5")
    assert result.status == 0
    assert result.err == (
        "note - test is running and has its new mem now\nnote - test is running: new slice at next start\n"
    )
    assert driver.domains()[0].memory_kib == 512 * 1024


def test_a_cd_is_in_the_definition(vm: Console) -> None:
    vm.out("set host vm cdrom compute-0-0-0 cdrom=/iso/rescue.iso")
    assert "/iso/rescue.iso" in vm.out("report host vm config compute-0-0-0")
    assert vm.error("set host vm cdrom compute-0-0-0 cdrom=n") == "You must use an absolute path for the ISO"
    vm.out("set host vm compute-0-0-0 cdrom=none")
    assert "/iso/rescue.iso" not in vm.out("report host vm config compute-0-0-0")
