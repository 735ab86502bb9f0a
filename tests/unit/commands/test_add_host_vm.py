"""``add host vm``: everything Rocks got wrong, and everything operators type wrong."""

from __future__ import annotations

import pytest

from core.commands.refusal import Status
from tests.unit.commands.conftest import Console

VMS = "SELECT n.name, v.slice FROM vm_nodes v JOIN nodes n ON n.id = v.node ORDER BY v.id"


def test_the_seeds_own_line(cluster: Console) -> None:
    assert cluster.out('add host vm vm-container-0-0 membership="Compute"') == (
        'added VM on node "vm-container-0-0" slice "0" with vm_name "compute-0-0-0"\n'
    )


def test_slice_zero_is_a_slice(cluster: Console) -> None:
    # Rocks took slice 0 for unset: with name= two VMs of one container could both get it.
    cluster.out("add host vm vm-container-0-0 Compute name=first")
    cluster.out("add host vm vm-container-0-0 Compute name=second")
    assert cluster.rows(VMS) == [("first", 0), ("second", 1)]


def test_slices_do_not_collide_between_memberships(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    cluster.out("add host vm vm-container-0-0 'NAS Appliance'")
    assert cluster.rows(VMS) == [("compute-0-0-0", 0), ("nas-0-0-1", 1)]


def test_membership_in_any_case(cluster: Console) -> None:
    assert "compute-0-0-0" in cluster.out("add host vm vm-container-0-0 compute")


def test_a_group_without_hosts_adds_nothing_and_says_so(cluster: Console) -> None:
    result = cluster.run("add host vm nas Compute")
    assert (result.status, result.out) == (0, "")
    assert result.err == "warning - no physical host in nas, nothing was added\n"


def test_vms_of_a_group_are_not_taken_for_containers(cluster: Console) -> None:
    cluster.out("add host vm rack0 Compute")
    cluster.out("add host vm rack0 Compute")
    assert [row[0] for row in cluster.rows(VMS)] == [
        "compute-0-0-0",
        "compute-0-1-0",
        "compute-0-0-1",
        "compute-0-1-1",
    ]
    assert "is a VM itself" in cluster.error("add host vm compute-0-0-0 Compute")


def test_several_on_each_host_are_added_all_or_none(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 vm-container-1-0 Compute count=3")
    names = {row[0] for row in cluster.rows(VMS)}
    assert names == {f"compute-{rack}-0-{number}" for rack in (0, 1) for number in range(3)}
    assert len({row[0] for row in cluster.rows("SELECT mac FROM networks WHERE mac LIKE '00:16:3e%'")}) == 6
    cluster.out("add network tiny 192.168.7.0 255.255.255.252")
    assert "tiny" in cluster.error("add host vm vm-container-0-0 Compute count=3 subnet=tiny")
    assert len(cluster.rows(VMS)) == 6


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "must supply a membership"),
        ("vm-container-0-0", "must supply at least one host"),
        ("membership=Compute", "must supply at least one host"),
        ("nosuch membership=Compute", 'cannot resolve host "nosuch"'),
        ("vm-container-0-0 'No Such'", 'could not get membership id for membership "No Such"'),
        ("vm-container-0-0 Compute memory=4096", 'has no parameter "memory" (did you mean "mem"?)'),
        ("vm-container-0-0 Compute mem=lots", '"mem" parameter must be an integer'),
        ("vm-container-0-0 Compute mem=-1", '"mem" must be between 1 and'),
        ("vm-container-0-0 Compute mem=99999999999", '"mem" must be between 1 and'),
        ("vm-container-0-0 Compute count=0", '"count" must be between 1'),
        (
            "vm-container-0-0 Compute count=2 name=x",
            "can't supply the 'name' parameter with more than one VM on a host",
        ),
        ("vm-container Compute count=2 disk=phy:/dev/vg/x,hda,w", "can't supply the 'disk' parameter"),
        ("vm-container-0-0 Compute cpus=many", '"cpus" must be a whole number, not "many"'),
        ("vm-container-0-0 Compute cpus=0", '"cpus" must be between 1'),
        ("vm-container-0-0 Compute disksize=big", '"disksize" values must be integers'),
        ("vm-container-0-0 Compute disksize=0", '"disksize" must be between 1'),
        ("vm-container-0-0 Compute num-macs=x", "the num_macs parameter must be an integer"),
        ("vm-container-0-0 Compute num-macs=0", '"num-macs" must be between 1'),
        ("vm-container-0-0 Compute num-macs=-1", '"num-macs" must be between 1'),
        ("vm-container-0-0 Compute slice=-1", '"slice" must be between 0'),
        ("vm-container-0-0 Compute slice=70000", '"slice" must be between 0'),
        ("vm-container-0-0 Compute mac=zz:16:3e:00:00:01", '"zz:16:3e:00:00:01" is not a MAC address'),
        ("vm-container-0-0 Compute mac=01:00:5e:00:00:01", "is a multicast MAC address"),
        ("vm-container-0-0 Compute mac=00:0e:0c:01:00:00", "is already in the database (vm-container-0-0)"),
        ("vm-container-0-0 Compute ip=10.1.2.999", '"10.1.2.999" is not an IP address'),
        ("vm-container-0-0 Compute ip=192.168.1.1", 'is not in the network "private"'),
        ("vm-container-0-0 Compute ip=10.255.255.255", "broadcast address"),
        ("vm-container-0-0 Compute ip=10.1.1.1", "is already in the database (rocks)"),
        ("vm-container-0-0 Compute subnet=none", 'could not get subnet id for subnet "none"'),
        ("vm-container-0-0 Compute disk=foo", "invalid disk specification"),
        ("vm-container-0-0 Compute disk=file:/a/b.img,hda", "invalid disk specification"),
        ("vm-container-0-0 Compute disk=file:b.img,hda,w", "invalid disk specification"),
        ("vm-container-0-0 Compute name=vm-container-0-1", 'node "vm-container-0-1" is already in the database'),
        ("vm-container-0-0 Compute name=a.b", "Hostname a.b can not contains any dot."),
        ("vm-container-0-0 Compute name=rack7", "Hostname rack7 can not be in the form of rack<number>."),
        ("vm-container-0-0 Compute name=nas", "Hostname nas can not be equal to an appliance name."),
        ("vm-container-0-0 Compute 'name=<b>&amp;'", "cannot be a host name"),
        ('vm-container-0-0 Compute "name=x\'; drop table nodes"', "cannot be a host name"),
        ("vm-container-0-0 Compute 'name=$(reboot)'", "cannot be a host name"),
        ("vm-container-0-0 Compute 'name=[red]x[/]'", "cannot be a host name"),
        ("vm-container-0-0 Compute virt-type=zz", "Virtualization type must be either 'hvm' or 'para'"),
        ("vm-container-0-0 Compute vlan=4096", '"vlan" must be between 2 and 4095'),
        ("vm-container-0-0 Compute vlan=3,4", "vlan= names 2 VLANs for 1 MAC"),
        ("vm-container Compute name=x", "can't supply the 'name' parameter with more than one host"),
        ("vm-container Compute slice=1", "can't supply the 'slice' parameter with more than one host"),
        ("rocks Compute", "could not find a partition on host (rocks) to hold the VM's disk image"),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(cluster: Console, words: str, sentence: str) -> None:
    before = cluster.rows("SELECT * FROM nodes"), cluster.rows("SELECT * FROM networks")
    assert sentence in cluster.error(f"add host vm {words}")
    assert before == (cluster.rows("SELECT * FROM nodes"), cluster.rows("SELECT * FROM networks"))
    assert cluster.rows("SELECT * FROM vm_nodes") == []


def test_a_taken_slice_or_the_name_it_gives(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute")
    assert cluster.error("add host vm vm-container-0-0 Compute slice=0") == (
        "nodename (compute-0-0-0) is already in the databaase"
    )
    assert cluster.error("add host vm vm-container-0-0 Compute slice=0 name=other") == (
        "slice 0 of vm-container-0-0 is compute-0-0-0"
    )


def test_one_host_that_cannot_leaves_the_others_alone(cluster: Console) -> None:
    # rocks has no partitions; Rocks had added the VMs of the hosts before it by then.
    cluster.error("add host vm vm-container-0-0 rocks Compute")
    assert cluster.rows("SELECT * FROM vm_nodes") == []


def test_a_full_subnet_is_an_error(cluster: Console) -> None:
    cluster.out("add network tiny 192.0.2.0 255.255.255.252")
    cluster.out("add host vm vm-container-0-0 Compute subnet=tiny")
    cluster.out("add host vm vm-container-0-0 Compute subnet=tiny")
    result = cluster.run("add host vm vm-container-0-0 Compute subnet=tiny")
    assert result.status == Status.REFUSED
    assert 'cannot give out an address of network "tiny": all of 192.0.2.0/30 are in use' in result.err
    assert len(cluster.rows("SELECT * FROM vm_nodes")) == 2


def test_a_used_up_mac_pool_is_an_error(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute mac=00:16:3e:ff:ff:ff")
    assert "cannot give out another MAC address" in cluster.error("add host vm vm-container-0-0 Compute")


def test_macs_count_on_from_a_manual_one(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute ip=10.9.9.9 mac=00:16:3e:aa:00:00 num-macs=2")
    assert cluster.rows("SELECT device, mac, ip FROM networks WHERE mac LIKE '00:16:3e%'") == [
        ("eth0", "00:16:3e:aa:00:00", "10.9.9.9"),
        ("eth1", "00:16:3e:aa:00:01", None),
    ]


def test_vlans_one_a_mac(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute num-macs=3 vlan=3,none,5")
    assert cluster.rows("SELECT device, vlanid FROM networks WHERE mac LIKE '00:16:3e%' ORDER BY id") == [
        ("eth0", 3),
        ("eth1", None),
        ("eth2", 5),
    ]


def test_the_largest_partition_is_the_largest(cluster: Console) -> None:
    # Rocks compared the unit first: 1024MB lost against 0.9GB.
    cluster.out("remove host partition vm-container-0-0")
    cluster.out("add host partition vm-container-0-0 sda1 mountpoint=/small size=0.9GB")
    cluster.out("add host partition vm-container-0-0 sda2 mountpoint=/large size=1024MB")
    cluster.out("add host partition vm-container-0-0 sda3 mountpoint=swap size=9GB")
    cluster.out("add host vm vm-container-0-0 Compute")
    assert cluster.rows("SELECT prefix FROM vm_disks") == [("/large/xen/disks",)]


def test_the_container_is_asked_where_no_partitions_are_known(cluster: Console) -> None:
    cluster.out("add host testhost 'VM Container' uri=test:///default")
    cluster.out("add host vm testhost Compute")
    assert cluster.rows("SELECT prefix FROM vm_disks") == [("/default-pool/xen/disks",)]


def test_an_unreachable_container_that_must_be_asked(cluster: Console) -> None:
    cluster.out("add host away 'VM Container' uri=qemu+tcp://127.0.0.1:1/system")
    result = cluster.run("add host vm away Compute")
    assert result.status == Status.REFUSED
    assert result.err.startswith("warning - ") and result.err.count("error - ") == 1


def test_read_only_refuses(cluster: Console) -> None:
    assert "read-only mode" in cluster.error("--read-only add host vm vm-container-0-0 Compute")
    assert cluster.rows("SELECT * FROM vm_nodes") == []


def test_every_change_and_every_refusal_is_in_the_log(cluster: Console) -> None:
    cluster.out("add host vm vm-container-0-0 Compute mem=512")
    cluster.error("add host vm vm-container-0-0 Compute mem=lots")
    log = cluster.rows("SELECT who, what, result, detail FROM action_log ORDER BY id DESC LIMIT 2")
    assert log[1][:3] == ("operator", "add host vm vm-container-0-0 Compute mem=512", "ok")
    assert log[0] == (
        "operator",
        "add host vm vm-container-0-0 Compute mem=lots",
        "refused",
        '"mem" parameter must be an integer',
    )


def test_passwords_do_not_get_into_the_log(cluster: Console) -> None:
    cluster.error("import rocks mysql://root:secret@127.0.0.1:1/cluster")
    assert not any("secret" in str(row) for row in cluster.rows("SELECT what, detail FROM action_log"))
