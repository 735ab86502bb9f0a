"""VMs on Xen in the preview: their disks have the names that they have inside, before and after an install."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from .conftest import DIRECTIVES, Desk

NAME = "compute-0-0-0"


@pytest.fixture
def xen(desk: Desk) -> Desk:
    """The cluster with a Xen container, which houses one VM."""
    with desk.store().begin() as rows:
        rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
    desk.out("set host attr vm-container-0-0 libvirt_uri xen+ssh://root@{host}/system")
    desk.out("add host partition vm-container-0-0 sda5 mountpoint=/state/partition1 size=80GB")
    desk.out("add host vm vm-container-0-0 Compute")
    return desk


def previewed(desk: Desk, disk: str) -> dict[str, Any]:
    text = DIRECTIVES.replace("hda", disk)
    desk.out(f"set host partition scheme {NAME} text={shlex.quote(text)}")
    found: dict[str, Any] = json.loads(desk.out(f"report host partition {NAME} released=yes format=json"))
    first: dict[str, Any] = found["nodes"][0]
    return first


def test_before_its_first_install(xen: Desk) -> None:
    assert previewed(xen, "xvda")["layout"]["ok"]
    assert not previewed(xen, "hda")["layout"]["ok"], "no disk of the node will have that name"


def test_on_rhel_5_a_disk_kept_the_name_of_its_definition(xen: Desk) -> None:
    xen.out(f"set host attr {NAME} rocks_version 5.0")
    assert previewed(xen, "hda")["layout"]["ok"]


def test_after_an_install_its_data_is_seen(xen: Desk) -> None:
    with xen.store().begin() as rows:
        node = rows.nodes.find(NAME)
        assert node is not None
        rows.partitions.add(
            node.id, device="xvda1", mountpoint="/", sectorstart="1049kB", partitionsize="8390MB", fstype="ext4"
        )
    lost = previewed(xen, "xvda")["lost"]
    assert [one.split(" (")[0] for one in lost] == ["xvda1 /"]
