"""What is handed out next: slices, names, MACs, IPs and VLANs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StoreConflict
from core.store.addresses import MAC_BASE_ATTRIBUTE, MAC_MASK_ATTRIBUTE, mac_number, mac_text, normal_mac
from core.store.records import Scope, Subnet
from core.store.store import Store
from tests.stores import add_vm


def test_slices_count_up_and_gaps_stay(store: Store) -> None:
    with store.begin() as rows:
        names = [add_vm(rows) for _ in range(3)]
        assert names == ["compute-0-0-0", "compute-0-0-1", "compute-0-0-2"]
        gone = rows.nodes.find("compute-0-0-1")
        assert gone is not None
        rows.nodes.remove(gone.id)
        assert add_vm(rows) == "compute-0-0-3"
        assert add_vm(rows, "vm-container-1-0") == "compute-1-0-0"


def test_a_taken_name_moves_the_slice_on(store: Store) -> None:
    with store.begin() as rows:
        rows.nodes.add("compute-0-0-0", membership="Compute")
        assert add_vm(rows) == "compute-0-0-1"


def test_macs_count_up_from_the_highest_xen_one(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("rocks")
        assert node is not None
        assert rows.allocation.next_macs(2) == ["00:16:3e:00:00:01", "00:16:3e:00:00:02"]
        rows.networks.add(node.id, device="eth5", mac="00:16:3E:AA:00:00")
        assert rows.allocation.next_mac() == "00:16:3e:aa:00:01"


def test_a_full_mac_pool_is_an_error(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("rocks")
        assert node is not None
        rows.networks.add(node.id, device="eth5", mac="00:16:3e:ff:ff:fe")
        assert rows.allocation.next_mac() == "00:16:3e:ff:ff:ff"
        with pytest.raises(StoreConflict, match="the pool from 00:16:3e:00:00:00 to 00:16:3e:ff:ff:ff"):
            rows.allocation.next_macs(2)


@pytest.mark.parametrize(
    ("base", "highest", "last"),
    [
        ("76:77:6e:40:0:0", "76:77:6e:7f:ff:fe", "76:77:6e:7f:ff:ff"),
        ("a:64:33:80:00:00", "0a:64:33:bf:ff:fe", "0a:64:33:bf:ff:ff"),
    ],
)
def test_the_attributes_choose_the_pool(store: Store, base: str, highest: str, last: str) -> None:
    with store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, MAC_BASE_ATTRIBUTE, base)
        rows.attributes.set(Scope.GLOBAL, None, MAC_MASK_ATTRIBUTE, "ff:ff:ff:c0:00:00")
        assert rows.allocation.next_mac() == normal_mac(base)
        add_vm(rows)
        first = mac_number(base)
        assert first is not None
        assert rows.allocation.next_mac() == mac_text(first + 1)
        node = rows.nodes.find("rocks")
        assert node is not None
        rows.networks.add(node.id, device="eth5", mac=highest)
        assert rows.allocation.next_mac() == last
        rows.networks.add(node.id, device="eth6", mac=last)
        with pytest.raises(StoreConflict, match="the pool from"):
            rows.allocation.next_mac()


def test_attributes_that_are_no_macs(store: Store) -> None:
    with store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, MAC_BASE_ATTRIBUTE, "76:77:6e:40:00:00")
        with pytest.raises(StoreConflict, match="no VM MAC base address mask is defined"):
            rows.allocation.next_mac()
    with store.begin() as rows:
        rows.attributes.set(Scope.GLOBAL, None, MAC_MASK_ATTRIBUTE, "22 bits")
        with pytest.raises(StoreConflict, match="is not a MAC"):
            rows.allocation.next_mac()


def test_addresses_go_down_from_the_broadcast_address(store: Store) -> None:
    with store.begin() as rows:
        subnet = rows.subnets.add("small", "192.0.2.8", "255.255.255.248")
        node = rows.nodes.find("rocks")
        assert node is not None
        rows.networks.add(node.id, device="eth0", ip="192.0.2.13", subnet_id=subnet.id)
        given = []
        for number in range(5):
            given.append(rows.allocation.next_ip(subnet))
            rows.networks.add(node.id, device=f"eth{number + 1}", ip=given[-1], subnet_id=subnet.id)
        assert given == ["192.0.2.14", "192.0.2.12", "192.0.2.11", "192.0.2.10", "192.0.2.9"]
        with pytest.raises(StoreConflict, match=r"all of 192\.0\.2\.8/29 are in use"):
            rows.allocation.next_ip(subnet)
        freed = rows.networks.find_by_ip("192.0.2.12")
        assert freed is not None
        rows.networks.remove(freed.id)
        assert rows.allocation.next_ip(subnet) == "192.0.2.12"


def test_a_subnet_that_makes_no_sense(store: Store) -> None:
    with store.reading() as rows, pytest.raises(StoreConflict, match='network "odd"'):
        rows.allocation.next_ip(Subnet(9, "odd", "10.0.0.0", "255.0.255.0"))


def test_vlans_fill_gaps_and_know_clusters(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("rocks")
        assert node is not None
        assert rows.allocation.next_vlan() == 2
        rows.networks.add(node.id, device="vlan2", vlanid=2)
        rows.networks.add(node.id, device="vlan4", vlanid=4)
        assert rows.allocation.next_vlan() == 3
        rows.clusters.add("one", node.id, 3)
        assert rows.allocation.next_vlan() == 5


def test_no_vlan_is_left(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find("rocks")
        assert node is not None
        for vlan in range(2, 4096):
            rows.networks.add(node.id, device=f"vlan{vlan}", vlanid=vlan)
        with pytest.raises(StoreConflict, match="could not find a free Vlan ID"):
            rows.allocation.next_vlan()


@given(st.integers(0, 2**48 - 1))
def test_a_mac_survives_every_spelling(number: int) -> None:
    text = mac_text(number)
    assert mac_number(text) == mac_number(text.upper().replace(":", "-")) == number
    unpadded = ":".join(part.lstrip("0") or "0" for part in text.split(":"))
    assert normal_mac(unpadded) == text


@pytest.mark.parametrize("text", ["", "00:16:3e", "00:16:3e:00:00:0g", "00:16:3e:00:00:001", "0016.3e00.0001"])
def test_what_is_no_mac(text: str) -> None:
    assert normal_mac(text) is None
