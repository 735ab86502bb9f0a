"""Virtual clusters: atomic, each a row of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.commands.refusal import Status
from core.hypervisor.connection import LibvirtHypervisor
from tests.unit.commands.conftest import Console

MAC_BASES = json.loads((Path(__file__).parent / "data" / "mac_base.json").read_text())


@pytest.fixture
def public(cluster: Console) -> Console:
    """A cluster with a public network and a frontend that can house VMs."""
    cluster.out("add network public 198.51.100.0 255.255.255.0")
    cluster.out("add host partition rocks sda5 mountpoint=/state/partition1 size=66.4GB")
    cluster.out("set attr Kickstart_PublicGateway 198.51.100.1")
    return cluster


def everything(console: Console) -> list[object]:
    tables = ("nodes", "networks", "vm_nodes", "vm_disks", "clusters", "cluster_members", "memberships")
    return [console.rows(f"SELECT * FROM {table}") for table in tables]


def test_two_clusters_are_never_one(public: Console) -> None:
    public.out("add cluster 198.51.100.20 2 vlan=7")
    assert public.error("add cluster 198.51.100.21 2 vlan=7") == "VLAN 7 belongs to the cluster of frontend-0-0-0"
    public.out("add cluster 198.51.100.21 1")
    assert public.rows("SELECT name, vlanid FROM clusters") == [("frontend-0-0-0", 7), ("frontend-0-0-1", 2)]
    public.out("remove cluster frontend-0-0-0")
    assert public.rows("SELECT name, vlanid FROM clusters") == [("frontend-0-0-1", 2)]
    assert public.out("list cluster frontend-0-0-1").splitlines()[1:] == [
        "frontend-0-0-1: --------------- VM  ",
        ":               hosted-vm-0-0-1 VM  ",
    ]


def test_slices_of_frontends_do_not_collide(public: Console) -> None:
    public.out("add cluster 198.51.100.20 0 fe-name=vf1")
    public.out(
        "add cluster 198.51.100.21 1 fe-name=vf2 fe-container=vm-container-0-0 container-hosts=vm-container-0-0"
    )
    public.out("add cluster 198.51.100.22 0 fe-name=vf3")
    assert public.rows("SELECT n.name, v.slice FROM vm_nodes v JOIN nodes n ON n.id = v.node") == [
        ("vf1", 0),
        ("vf2", 0),
        ("hosted-vm-0-0-1", 1),
        ("vf3", 1),
    ]


def test_computes_named_after_the_frontend(public: Console) -> None:
    assert public.error("add cluster 198.51.100.20 2 cluster-naming=yes") == (
        "you must select a fe-name when using cluster-naming"
    )
    out = public.out("add cluster 198.51.100.20 2 cluster-naming=yes fe-name=vf")
    assert "vm-vf-0" in out and "vm-vf-1" in out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "must supply an IP address for the frontend"),
        ("198.51.100.20", "must supply an IP address for the frontend"),
        ("ip=198.51.100.20", "must supply the number of compute nodes"),
        ("198.51.100.20 two", "num-computes must be an integer"),
        ("198.51.100.300 1", '"198.51.100.300" is not an IP address'),
        ("192.0.2.1 1", 'is not in the network "public"'),
        ("198.51.100.20 1 vlan=a", "Vlan ID (a) must be an integer"),
        ("198.51.100.20 1 vlan=1", '"vlan" must be between 2 and 4095'),
        ("198.51.100.20 1 virt-type=zz", "Virtualization type must be either 'para' or 'hvm'"),
        ("198.51.100.20 1 fe-name=rocks", 'node "rocks" is already in the database'),
        ("198.51.100.20 1 fe-container=nosuch", 'cannot resolve host "nosuch"'),
        ("198.51.100.20 1 container-hosts=nas", "no host in nas"),
        ("198.51.100.20 1 subnet=nosuch", 'could not get subnet id for subnet "nosuch"'),
    ],
)
def test_bad_input_leaves_nothing_behind(public: Console, words: str, sentence: str) -> None:
    before = everything(public)
    assert sentence in public.error(f"add cluster {words}")
    assert everything(public) == before


def test_a_compute_that_cannot_be_added_takes_the_whole_cluster_back(public: Console) -> None:
    # Rocks left the frontend and the VLAN interfaces behind.
    public.out("remove host partition vm-container-1-0")
    before = everything(public)
    assert "could not find a partition on host (vm-container-1-0)" in public.error("add cluster 198.51.100.20 5")
    assert everything(public) == before


def test_a_frontend_that_is_a_container(public: Console) -> None:
    public.out("add cluster 198.51.100.20 1 fe-container=vm-container-0-0 container-hosts=rocks")
    assert public.rows(
        "SELECT n.name, p.name FROM vm_nodes v JOIN nodes n ON n.id = v.node JOIN nodes p ON p.id = v.physnode"
    ) == [("frontend-0-0-0", "vm-container-0-0"), ("hosted-vm-0-0-0", "rocks")]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("remove cluster", "must supply at least one frontend name"),
        ("remove cluster rocks", "host rocks is not a virtual frontend"),
        ("remove cluster vm-container-0-0", "host vm-container-0-0 is not a frontend"),
        ("list cluster vm-container-0-0", "host vm-container-0-0 is not a frontend"),
        ("remove host frontend-0-0-0", "frontend-0-0-0 is the frontend of a cluster"),
        ("remove host vm frontend-0-0-0", "frontend-0-0-0 is the frontend of a cluster"),
        ("set cluster rocks vlan=9", "host rocks is not a virtual frontend"),
    ],
)
def test_what_is_no_virtual_cluster(public: Console, line: str, sentence: str) -> None:
    public.out("add cluster 198.51.100.20 1")
    assert sentence in public.error(line)


def test_clusters_without_a_row_are_known_by_their_vlan(public: Console) -> None:
    public.out("add host vm vm-container-0-0 Frontend name=old vlan=9")
    public.out("add host vm vm-container-0-1 Compute name=client vlan=9")
    assert public.out("list cluster old").split()[4:] == ["old:", "------------", "VM", ":", "client", "VM"]
    public.out("set cluster old vlan=9 members=client")
    public.out("remove cluster old")
    assert public.rows("SELECT * FROM vm_nodes") == []


def test_no_free_vlan(public: Console) -> None:
    with public.context.open_store().begin() as repository:
        node = repository.nodes.find("rocks")
        assert node is not None
        for vlan in range(2, 4096):
            repository.networks.add(node.id, device=f"vlan{vlan}", vlanid=vlan)
    assert "could not find a free Vlan ID" in public.error("add cluster 198.51.100.20 1")


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("137.110.119.118", "76:77:6e:80:00:00"),
        ("137.110.119.116", "76:77:6e:00:00:00"),
        ("137.110.119.119", "76:77:6e:c0:00:00"),
        ("137.110.119.115", "72:77:6e:c0:00:00"),
        ("10.0.0.5", "06:00:00:40:00:00"),
        ("192.168.1.1", "02:01:a8:40:00:00"),
        ("198.51.100.10", "0a:64:33:80:00:00"),
        ("203.0.113.77", "4e:71:00:40:00:00"),
        ("192.0.2.33", "22:02:00:40:00:00"),
    ],
)
def test_mac_pool_by_the_frontends_public_address(cluster: Console, address: str, base: str) -> None:
    cluster.out(f"set attr vm_mac_base_addr {address}")
    with cluster.context.open_store().reading() as rows:
        found = {one.attr: one.value for one in rows.attributes.all() if one.attr.startswith("vm_mac")}
    assert found == {"vm_mac_base_addr": base, "vm_mac_base_addr_mask": "ff:ff:ff:c0:00:00"}
    assert cluster.out("report vm nextmac")[:8] == base[:8]


def test_nonsense_is_no_base_of_a_mac_pool(cluster: Console) -> None:
    assert "300.1.1.1" in cluster.error("set attr vm_mac_base_addr 300.1.1.1")


@pytest.mark.parametrize("base", MAC_BASES, ids=lambda one: one["public_ip"])
def test_mac_pool_by_base_and_mask(cluster: Console, base: dict[str, object]) -> None:
    cluster.out(f"set attr vm_mac_base_addr {base['base_attr']}")
    cluster.out(f"set attr vm_mac_base_addr_mask {base['mask_attr']}")
    for mac in base["next_three"]:  # type: ignore[attr-defined]
        assert cluster.out("report vm nextmac") == f"{mac}\n"
        cluster.out("add host vm vm-container-0-0 Compute")
    cluster.out(f"add host vm vm-container-0-0 Compute mac={base['highest_used']}")
    assert cluster.out("report vm nextmac") == f"{base['next_after_highest']}\n"
    cluster.out("add host vm vm-container-0-0 Compute")
    # Rocks left the pool here and handed out an address of somebody else's.
    assert "cannot give out another MAC address" in cluster.error("report vm nextmac")


def test_removing_stops_undefines_and_deletes_images_only_when_asked(
    running: Console, driver: LibvirtHypervisor
) -> None:
    running.out("add network public 198.51.100.0 255.255.255.0")
    for images, left in (("no", True), ("yes", False)):
        running.out("add cluster 198.51.100.20 2 fe-container=testhost container-hosts=testhost")
        running.out("start host vm frontend-% hosted-vm-%")
        assert len(driver.domains()) == 4
        image = str(running.rows("SELECT prefix || '/' || name FROM vm_disks WHERE name LIKE 'frontend%'")[0][0])
        assert driver.image_size(image) is not None
        running.out(f"remove cluster frontend-% images={images}")
        assert [one.name for one in driver.domains()] == ["test"]
        assert (driver.image_size(image) is not None) is left
        assert running.rows("SELECT * FROM clusters") == []
        assert running.rows("SELECT name FROM nodes WHERE name LIKE 'hosted%'") == []


def test_removing_asks(public: Console) -> None:
    public.out("add cluster 198.51.100.20 2")
    public.context.ask = lambda question: question.phrase != "remove 3"
    assert public.error("remove cluster frontend-0-0-0") == "not confirmed, nothing was done"
    assert len(public.rows("SELECT * FROM vm_nodes")) == 3


def test_a_silent_container_stops_a_removal_before_anything_is_touched(public: Console) -> None:
    public.out("add cluster 198.51.100.20 2")
    public.out("set host attr vm-container-0-0 libvirt_uri qemu+tcp://127.0.0.1:1/system")
    before = everything(public)
    result = public.run("remove cluster frontend-0-0-0")
    assert result.status == Status.CONTAINER
    assert everything(public) == before
