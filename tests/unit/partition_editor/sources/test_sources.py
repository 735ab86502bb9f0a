"""Disks from lsblk, parted, the store, and words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.outcome import Refused
from partition_editor.consequences import consequences
from partition_editor.disks import Disk, ExistingPartition, Profile
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition, PlanRefusal
from partition_editor.sources.lsblk import disks_from_lsblk
from partition_editor.sources.naming import partition_name, split_partition
from partition_editor.sources.parted import disks_from_parted
from partition_editor.sources.stored import disks_from_partitions, disks_from_vm
from partition_editor.sources.typed import parse_disk, parse_disks

PRINTED: dict[str, dict[str, str]] = json.loads((Path(__file__).parent / "data" / "parted.json").read_text())
G = 2 * 1024 * 1024
"""Sectors in a GiB."""


@pytest.mark.parametrize(
    ("words", "disks"),
    [
        ("hda=80G", [("hda", 80 * G)]),
        ("two disks of 80 GB, hda and hdb", [("hda", 156250000), ("hdb", 156250000)]),
        ("sda=76319MiB:WDC", [("sda", 156301312)]),
        (
            "sda=156301488s, sdb=80026361856B and sdc=1.5TiB",
            [("sda", 156301488), ("sdb", 156301488), ("sdc", 1536 * G)],
        ),
        ("3 x 500GB", [("sda", 976562500), ("sdb", 976562500), ("sdc", 976562500)]),
        ("one 40 GiB disk: vda", [("vda", 40 * G)]),
        ("cciss/c0d0=1G nvme0n1=100", [("cciss/c0d0", G), ("nvme0n1", 204800)]),
        ("/dev/sda=1", [("sda", 2048)]),
    ],
)
def test_disks_in_words(words: str, disks: list[tuple[str, int]]) -> None:
    answer = parse_disks(words)
    assert not isinstance(answer, Refused)
    assert [(one.name, one.sectors) for one in answer] == disks


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("", "name a disk: hda=80G."),
        ("hda", '"hda" names no disks: write hda=80G, or "two disks of 80 GB, hda and hdb".'),
        ("hda=80G,hda=80G", "two disks are named hda."),
        ("two disks of 80 GB, hda", "2 disks, but 1 names: hda."),
        ("hda=big", '"big" is no disk size: write 80G, 80GB, 76319MiB or 156301488s.'),
        ("hda=0", '"0" is less than one sector.'),
        ("../x=1G", '"../x" is no disk name.'),
        ("hda=1G rubbish", '"rubbish" is no disk: write NAME=SIZE, as in hda=80G.'),
        ("9999 disks of 1 GB", '"9999" is no number of disks.'),
    ],
)
def test_words_that_name_no_disks(words: str, reason: str) -> None:
    assert parse_disks(words) == Refused(reason)


def test_the_model_is_what_follows_the_colon() -> None:
    assert parse_disk("sda=76319MiB:WDC WD800") == Disk("sda", 156301312, model="WDC WD800")


@given(st.text(max_size=60))
def test_any_words_get_an_answer(words: str) -> None:
    for answer in (parse_disks(words), disks_from_parted(words), disks_from_lsblk(words)):
        assert isinstance(answer, Refused) or all(one.sectors > 0 for one in answer)


@pytest.mark.parametrize("disk", ["hda", "sdaa", "vdb", "xvda", "cciss/c0d0", "nvme0n1", "mmcblk0", "md0"])
def test_a_partitions_name_leads_back_to_its_disk(disk: str) -> None:
    for number in (1, 5, 12):
        assert split_partition(partition_name(disk, number)) == (disk, number)
    if disk[-1].isdigit():
        assert split_partition(disk) is None


def test_a_windows_notebook_as_parted_printed_it() -> None:
    answer = disks_from_parted(PRINTED["pv-14"]["text"])
    assert not isinstance(answer, Refused)
    (disk,) = answer
    assert (disk.name, disk.label, disk.model, len(disk.partitions)) == ("sda", "msdos", "ATA HGST HTS545050A7", 7)
    assert [one.kind for one in disk.partitions] == ["primary"] * 3 + ["extended"] + ["logical"] * 3
    assert disk.partitions[0].flags == ("boot",)
    assert disk.partitions[3] == ExistingPartition(4, "sda4", "extended", 703125000, 273437500, flags=("lba",))
    assert (disk.partitions[5].fstype, disk.partitions[5].mountpoint) == ("swap", "swap")
    assert not disk.partitions[5].has_data


@pytest.mark.parametrize("name", [name for name in PRINTED if name != "pv-41"])
def test_what_parted_printed_is_read(name: str) -> None:
    answer = disks_from_parted(PRINTED[name]["text"])
    assert not isinstance(answer, Refused)
    (disk,) = answer
    assert disk.name == PRINTED[name]["disk"]
    rows = [line for line in PRINTED[name]["text"].splitlines() if line[:3].strip().isdecimal()]
    assert len(disk.partitions) == len(rows)


def test_a_disk_without_a_label_has_no_size_either() -> None:
    answer = disks_from_parted(PRINTED["pv-41"]["text"])
    assert answer == Refused("sdc has no readable disk label, and parted does not say how large it is.")


def test_a_new_blank_disk_as_a_new_parted_prints_it() -> None:
    text = "Error: /dev/sdb: unrecognised disk label\nModel: QEMU (scsi)\n"
    text += "Disk /dev/sdb: 80.0GB\nPartition Table: unknown\n"
    assert disks_from_parted(text) == (Disk("sdb", 156250000, model="QEMU"),)


def test_machine_output_is_exact() -> None:
    text = (
        "BYT;\n/dev/sda:156301488s:scsi:512:512:msdos:ATA WDC:;\n"
        "1:63s:16386299s:16386237s:ext3::boot;\n4:26619705s:156296384s:129676680s:::;\n"
        "5:26619768s:156296384s:129676617s:ext3::;\n"
        "BYT;\n/dev/sdb:1000s:scsi:4096:4096:gpt:Big:;\n1:6s:900s:895s:xfs:home:;\n"
    )
    answer = disks_from_parted(text)
    assert not isinstance(answer, Refused)
    first, second = answer
    assert [(one.name, one.kind, one.start, one.length) for one in first.partitions] == [
        ("sda1", "primary", 63, 16386237),
        ("sda4", "extended", 26619705, 129676680),
        ("sda5", "logical", 26619768, 129676617),
    ]
    assert (second.sectors, second.label, second.partitions[0].start) == (8000, "gpt", 48)


LSBLK = {
    "blockdevices": [
        {"name": "loop0", "type": "loop", "size": 1000000},
        {
            "name": "sda", "type": "disk", "size": "80026361856", "model": "WDC ", "serial": "X1", "rm": False,
            "pttype": "dos", "children": [
                {"name": "sda1", "type": "part", "size": 8389753344, "start": 63, "fstype": "ext3",
                 "mountpoints": ["/"], "parttype": "0x83", "partflags": "0x80"},
                {"name": "sda4", "type": "part", "size": 1024, "start": 26619705, "parttype": "0x5"},
                {"name": "sda5", "type": "part", "size": 66394427904, "start": 26619768, "fstype": "swap",
                 "mountpoint": "[SWAP]", "parttype": "0x82"},
            ],
        },
        {"name": "cciss!c0d0", "type": "disk", "size": 1073741824, "rm": "1", "tran": "usb"},
        {"name": "sdz", "type": "disk", "size": 0},
    ]
}  # fmt: skip


def test_lsblk() -> None:
    answer = disks_from_lsblk(json.dumps(LSBLK))
    assert not isinstance(answer, Refused)
    sda, cciss = answer
    assert (sda.name, sda.sectors, sda.model, sda.label) == ("sda", 156301488, "WDC", "msdos")
    assert sda.partitions[0] == ExistingPartition(1, "sda1", "primary", 63, 16386237, "ext3", "/", ("boot",), True)
    assert [(one.kind, one.mountpoint, one.has_data) for one in sda.partitions[1:]] == [
        ("extended", "", False),
        ("logical", "swap", False),
    ]
    assert (cciss.name, cciss.removable, cciss.label) == ("cciss/c0d0", True, None)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"blockdevices": 3}', "[" * 100000, '{"blockdevices": [{"type": "disk"}, 4]}']
)
def test_odd_output_of_lsblk_is_refused_or_empty(text: str) -> None:
    answer = disks_from_lsblk(text)
    assert isinstance(answer, Refused) or answer == () or answer[0].name


@dataclass(frozen=True)
class Row:
    """A row of `partitions`."""

    device: str
    sectorstart: str = ""
    partitionsize: str = ""
    fstype: str = ""
    mountpoint: str = ""
    partitionflags: str = ""


SAVED = [
    Row("hda1", "32.3kB", "8390MB", "ext3", "/", "boot"),
    Row("hda2", "8390MB", "4195MB", "ext3", "/var"),
    Row("hda3", "12.6GB", "1045MB", "linux-swap", "swap"),
    Row("hda4", "13.6GB", "66.4GB"),
    Row("hda5", "13.6GB", "66.4GB", "ext3", "/state/partition1"),
    Row("hdb"),
    Row("md0", "0.00kB", "10.0GB", "ext3", "/mydata"),
]


def test_a_nodes_saved_partitions() -> None:
    answer = disks_from_partitions(SAVED, {"hda": 156301488})
    assert not isinstance(answer, Refused)
    hda, hdb = answer
    assert (hda.name, hda.sectors, hda.label) == ("hda", 156301488, "msdos")
    assert [one.kind for one in hda.partitions] == ["primary"] * 3 + ["extended", "logical"]
    assert hda.partitions[0].start == 63
    assert [one.mountpoint for one in hda.partitions if one.has_data] == ["/", "/var", "/state/partition1"]
    assert (hdb.name, hdb.label, hdb.partitions) == ("hdb", None, ())


@dataclass(frozen=True)
class VmRow:
    """A row of `vm_disks`."""

    device: str
    size: int


def test_a_virtual_machines_disks() -> None:
    assert disks_from_vm([VmRow("hda", 36)]) == (Disk("hda", 70312500),)
    assert disks_from_vm([VmRow("hda", 36), VmRow("hda", 36)]) == Refused("two disks are named hda.")
    assert disks_from_vm([VmRow("hda", 0)]) == Refused("hda has no size.")


def planned(*partitions: PlannedPartition, cleared: bool = False) -> Layout:
    return Layout(Profile(), (PlannedDisk("hda", "msdos", 156301488, partitions, cleared=cleared),))


def test_what_a_layout_would_destroy() -> None:
    answer = disks_from_partitions(SAVED, {"hda": 156301488})
    assert not isinstance(answer, Refused)
    hda = answer[0]
    first, var, data = hda.partitions[0], hda.partitions[1], hda.partitions[4]
    layout = planned(
        PlannedPartition(1, "hda1", "primary", first.start, first.length, "/"),
        PlannedPartition(5, "hda5", "logical", data.start, data.length, "/state/partition1", kept=True),
    )
    assert [one.sentence for one in consequences(layout, answer)] == [
        "hda1 / (8001 MiB ext3): formatted anew as /",
        "hda2 /var (4000 MiB ext3): it is removed",
    ]
    assert var.has_data
    assert [one.name for one in consequences(planned(cleared=True), answer)] == ["hda1", "hda2", "hda5"]
    assert consequences(PlanRefusal("partitioning", "no"), answer) == ()
