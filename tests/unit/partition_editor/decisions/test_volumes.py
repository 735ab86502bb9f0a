"""Logical volumes and arrays of disks that are used again come back where they were mounted."""

from __future__ import annotations

from typing import Any

import pytest

from partition_editor.decisions import decide
from partition_editor.decisions.facts import NodeFacts, Policy

from .node import disk, node

ROOT = ("1 1049kB 1050MB 1049MB primary ext4", "2 1050MB 4295MB 3245MB primary lvm")
WHOLE = {"rocks": ("vda2", "vdb")}
VOLUMES = {"rocks/data": "ext4", "rocks/spare": "xfs", "rocks/swap": "swap"}
FSTAB = "/dev/vda1 / ext4 defaults 1 1\n/dev/mapper/rocks-data /data ext4 defaults 1 2\n"
AGAIN = [
    "part / --fstype ext4 --onpart vda1",
    "volgroup rocks --useexisting",
    "logvol /data --noformat --vgname=rocks --name=data --useexisting",
    "logvol swap --noformat --vgname=rocks --name=swap --useexisting",
]


def two_disks(**more: Any) -> NodeFacts:
    """A root partition and half a group on vda, the other half on all of vdb."""
    given: dict[str, Any] = {"stamped": ["vda1"], "fstabs": {"vda1": FSTAB}, "groups": WHOLE, "volumes": VOLUMES}
    return node(disk("vda", ROOT), disk("vdb", None), **{**given, **more})


def test_the_volumes_of_a_stamped_disk_are_mounted_again() -> None:
    decision = decide(two_disks())
    assert list(decision.lines) == AGAIN
    assert decision.why["vdb"] == "used again: it holds a part of the volume group rocks, which is used again."


@pytest.mark.parametrize(
    "entry",
    ["/dev/mapper/rocks-data", "/dev/rocks/data", "UUID=dd-4", "LABEL=data"],
)
def test_an_fstab_may_name_a_volume_in_any_way(entry: str) -> None:
    facts = two_disks(fstabs={"vda1": f"{entry} /data ext4 defaults 1 2\n"}, labels={"rocks/data": "data"})
    facts.uuids["rocks/data"] = "dd-4"  # type: ignore[index]
    assert AGAIN[2] in decide(facts).lines


def test_without_an_fstab_the_saved_rows_say_where_a_volume_was_mounted() -> None:
    saved = {"mapper/rocks-data": (("mapper/rocks-data", "", "600MB", "", "ext4", "", "", "/data"),)}
    assert AGAIN[2] in decide(two_disks(fstabs={}, saved=saved)).lines


def test_the_fstab_may_itself_be_on_a_volume_and_its_root_is_formatted() -> None:
    facts = node(
        disk("vda", None),
        stamped=["vda"],
        groups={"my-vg": ("vda",)},
        volumes={"my-vg/root": "xfs", "my-vg/home": "xfs"},
        fstabs={"my-vg/root": "/dev/mapper/my--vg-root / xfs\n/dev/mapper/my--vg-home /home xfs\n"},
    )
    assert list(decide(facts).lines) == [
        "volgroup my-vg --useexisting",
        "logvol / --fstype xfs --vgname=my-vg --name=root --useexisting",
        "logvol /home --noformat --vgname=my-vg --name=home --useexisting",
    ]


def test_a_foreign_group_is_left_alone() -> None:
    decision = decide(two_disks(stamped=[], text="rocks force-default\n"))
    assert not decision.lines and "neither stamped nor saved" in decision.why["vda"]


def test_a_group_with_a_disk_that_is_given_away_is_not_used() -> None:
    decision = decide(two_disks(policies={"vdb": Policy.ONCE}))
    assert list(decision.lines) == AGAIN[:1]


def test_the_operators_own_lines_about_a_group_that_is_used_again_are_left_out() -> None:
    text = """\
part pv.1 --size=1 --grow --ondisk=vda
volgroup rocks pv.1
logvol /data --vgname=rocks --name=data --size=600
logvol /new --vgname=rocks --name=new --size=600
"""
    assert list(decide(two_disks(text=text)).lines) == AGAIN


def test_the_operator_may_add_a_volume_to_a_group_that_is_used_again() -> None:
    text = "volgroup rocks --useexisting\nlogvol /new --vgname=rocks --name=new --size=600\n"
    assert list(decide(two_disks(text=text)).lines) == [*AGAIN, text.splitlines()[1]]


DETAIL = """\
/dev/md127:
     Raid Level : raid1
           Name : compute-0-0:{}
       0     252        1        0      active sync   /dev/vda1
       1     252       17        1      active sync   /dev/vdb1
"""


@pytest.mark.parametrize(
    ("name", "major", "device"), [("0", 7, "md0"), ("0", 6, "md0"), ("data", 7, "data"), ("0", 5, "md127")]
)
def test_an_array_is_called_as_its_superblock_does(name: str, major: int, device: str) -> None:
    table = disk("md127", ["1 0.00B 1024MB 1024MB ext4"], "loop")
    members = [disk(one, ["1 1049kB 1025MB 1024MB primary raid"]) for one in ("vda", "vdb")]
    facts = node(
        *members,
        table,
        stamped=["md127"],
        arrays={"md127": DETAIL.format(name)},
        labels={"md127": "/mydata"},
        major=major,
    )
    last = decide(facts).lines[-1]
    assert last.startswith("raid /mydata --noformat ") and f"--device={device} " in last


def test_a_group_on_an_array_is_used_again_with_the_disks_below_it() -> None:
    members = [disk(one, ["1 1049kB 1025MB 1024MB primary raid"]) for one in ("vda", "vdb")]
    facts = node(
        *members,
        disk("md127", None),
        stamped=["md127"],
        arrays={"md127": DETAIL.format("0")},
        groups={"rocks": ("md127",)},
        volumes={"rocks/data": "ext4"},
        labels={"rocks/data": "/data"},
    )
    decision = decide(facts)
    assert decision.reconnected == ("vda", "vdb")
    assert decision.lines[-1] == "logvol /data --noformat --vgname=rocks --name=data --useexisting"
