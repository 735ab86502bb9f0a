"""What nodes reported to the install service is what the preview starts from."""

from __future__ import annotations

import json
import shlex
from typing import Any

from core.store.records import NewDisk

from .conftest import Desk
from .reporting import SECTORS, disk, keep

TEXT = (
    "clearpart --all --initlabel --drives=sda\npart / --size=2000 --ondisk=sda\n"
    "part /data --size=1 --grow --ondisk=sda\n"
)
OLD = ("1 1049kB 2148MB 2147MB primary ext4 boot", "2 2148MB 8589MB 6441MB primary ext4")
OWN = ("= stamp sda1\n= uuid sda1\n aa-1\n= uuid sda2\n aa-2\n"
       "= fstab sda1\n UUID=aa-1 / ext4 defaults 1 1\n UUID=aa-2 /state/partition1 ext4 defaults 1 2\n")  # fmt: skip
NODE = "compute-1-1"


def shown(desk: Desk, words: str = NODE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(desk.out(f"report host partition {words} format=json"))["nodes"][0]
    return found


def test_a_node_that_only_reported_its_blank_disks_has_a_layout(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(TEXT)}")
    assert shown(desk)["trouble"] == "it never reported its disks"
    keep(desk, NODE, disk("sda", blank=True), disk("sdb", blank=True, sectors=SECTORS * 2))
    found = shown(desk)
    assert [(one["name"], one["mib"]) for one in found["disks"]] == [("sda", 8192), ("sdb", 16384)]
    assert found["layout"]["ok"] and found["lost"] == []


def test_a_stamped_disk_that_was_never_saved_is_used_again(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(TEXT)}")
    keep(desk, NODE, disk("sda", *OLD), OWN)
    found = shown(desk)
    assert found["why"]["sda"].startswith("used again: it carries .rocks-release; 3 of the text's lines")
    assert found["lines"] == ["part / --fstype ext4 --onpart sda1", "part /state/partition1 --noformat --onpart sda2"]
    assert found["lost"] == []
    lost = shown(desk, f"{NODE} released=yes")["lost"]
    assert [one.split(" (")[0] for one in lost] == ["sda1 /", "sda2 /state/partition1"]


def test_after_its_saved_partitions_were_removed_an_old_stamp_promises_nothing(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(TEXT)}")
    keep(desk, NODE, disk("sda", blank=True))
    installed = OWN.replace("= fstab sda1", "= fstab installed")
    keep(desk, NODE, disk("sda", *OLD), installed, after=True)
    assert shown(desk)["why"]["sda"].startswith("used again: ")
    desk.out(f"remove host partition {NODE}")
    found = shown(desk)
    assert found["why"]["sda"] == "neither stamped nor saved: the text names it and decides."
    assert [one.split(" ")[0] for one in found["lost"]] == ["sda1", "sda2"]


def test_a_label_nobody_can_read_is_no_blank_disk(desk: Desk) -> None:
    desk.out("set host partition scheme compute scheme=force-default")
    keep(desk, NODE, disk("sda"))
    found = shown(desk)
    assert "its label cannot be read" in found["why"]["sda"] and found["lines"] == []
    keep(desk, NODE, disk("sda", blank=True))
    assert shown(desk)["lines"][0] == "clearpart --all --initlabel --drives=sda"


def test_the_size_of_a_virtual_disk_is_the_reported_one_while_it_is_the_same_disk(desk: Desk) -> None:
    with desk.store().begin() as rows:
        house = rows.nodes.add("vm-container-0-0", membership="VM Container", rack=0, rank=0)
        node = rows.nodes.find(NODE)
        assert node is not None
        vm = rows.vms.add(node.id, house.id, 0, mem=512, virt_type="hvm")
        rows.vms.set_disks(vm, [NewDisk("file", "/d", "x.vda", "vda", "w", 8)])
    desk.out("set host partition scheme compute scheme=force-default")
    first = shown(desk)
    assert first["disks"][0]["mib"] == 8 * 10**9 // 2**20
    assert first["why"]["vda"].endswith("(nobody has reported what is on it).")
    keep(desk, NODE, disk("vda", blank=True, sectors=SECTORS))
    assert shown(desk)["disks"][0]["mib"] == 8192 and "nobody" not in shown(desk)["why"]["vda"]
    keep(desk, NODE, disk("vda", blank=True, sectors=SECTORS * 4))
    assert shown(desk)["disks"][0]["mib"] == 8 * 10**9 // 2**20, "the definition was made anew since"


def test_nodes_that_differ_in_serials_only_are_worked_out_once(desk: Desk) -> None:
    desk.out("set host partition scheme compute scheme=force-default")
    for number, node in enumerate(("compute-1-1", "compute-1-0")):
        desk.out(f"remove host partition {node}")
        keep(desk, node, disk("sda", *OLD), OWN.replace("aa-", f"{number}-"))
    groups = json.loads(desk.out("report host partition compute-1-1 compute-1-0 format=json"))["groups"]
    assert groups == [["compute-1-0", "compute-1-1"]]


VOLUMES = """\
= group rocks
 sda2
= volume rocks/data 6000000000
 ext4
= stamp rocks/data
= fstab {}
 /dev/sda1 / ext4 defaults 1 1
 /dev/mapper/rocks-data /data ext4 defaults 1 2
"""
ON_VOLUMES = ("1 1049kB 2148MB 2147MB primary ext4 boot", "2 2148MB 8589MB 6441MB primary lvm")


def test_the_volumes_of_a_node_are_kept_and_mounted_again_before_and_after_its_install(desk: Desk) -> None:
    desk.out(f"set host partition scheme compute text={shlex.quote(TEXT)}")
    again = [
        "part / --fstype ext4 --onpart sda1",
        "volgroup rocks --useexisting",
        "logvol /data --noformat --vgname=rocks --name=data --useexisting",
    ]
    keep(desk, NODE, disk("sda", *ON_VOLUMES), VOLUMES.format("sda1"))
    assert shown(desk)["lines"] == again
    keep(desk, NODE, disk("sda", *ON_VOLUMES), VOLUMES.format("installed"), after=True)
    found = shown(desk)
    assert found["lines"] == again and found["lost"] == []
    lost = shown(desk, f"{NODE} released=yes")["lost"]
    assert [one.split(" (")[0] for one in lost] == ["sda1 /", "sda2"]
