"""What a partition program imports inside the sandbox: Rocks' class, answered from the disks that are known.

Only `partition_editor.programs.driver` loads this, inside the sandbox. Nothing here touches a device. Method names
and results are those of Rocks 5.0 to 7.0; source: ``rocks_partition.RocksPartition``.
"""

from __future__ import annotations

from typing import ClassVar

from partition_editor.decisions.facts import NodeFacts, SavedRow
from partition_editor.decisions.found import (
    array_detail,
    find_partitions,
    fstab_lines,
    is_array,
    is_gpt,
    is_readable,
    is_stamped,
    parted_rows,
)
from partition_editor.decisions.original import next_data_mount, reconnect_lines
from partition_editor.decisions.versions import VERSIONS, Version
from partition_editor.presets import ROCKS_DEFAULTS

FACTS: NodeFacts = NodeFacts({}, ())
"""The node; set by the driver before a program runs."""

OF_MAJOR = {5: "rocks-5.4", 6: "rocks-6", 7: "rocks-7"}
EMPTY: SavedRow = ("", "", "", "", "", "", "", "")
EFI_MIB = 2048


class RocksPartition:
    """Rocks' helper for partition programs."""

    saved_fstab: ClassVar[list[str]] = []
    raidinfo = ""
    mountpoints: ClassVar[list[str]] = []

    @property
    def _version(self) -> Version:
        return VERSIONS[OF_MAJOR[FACTS.major]]

    def getDisks(self) -> list[str]:
        """Names without ``/dev``, in discovery order."""
        return [disk for disk in FACTS.disk_order if disk not in FACTS.no_medium]

    def getRaids(self) -> list[str]:
        """md arrays."""
        return list(FACTS.raids)

    def getLVMs(self) -> list[str]:
        """Logical volumes, ``GROUP-VOLUME``."""
        return [name.replace("/", "-") for name in FACTS.volumes]

    def gptDrive(self, devname: str) -> int:
        """1 when the disk's label is gpt."""
        return int(is_gpt(self._text(devname.removeprefix("/dev/"))))

    def getDevice(self, text: str) -> str:
        """``/dev/hda1`` → ``hda1``."""
        return text.strip().removeprefix("/dev/")

    def getSectorStart(self, text: str) -> str:
        """``start= 63`` → ``63``."""
        return text.partition("=")[2].strip()

    def getPartitionSize(self, text: str) -> str:
        """``size= 63`` → ``63``."""
        return text.partition("=")[2].strip()

    def getPartId(self, text: str) -> str:
        """``Id=83`` → ``83``."""
        return text.partition("=")[2].strip()

    def getBootFlags(self, text: str) -> str:
        """The text without blanks around it."""
        return text.strip()

    def getFstab(self, disks: list[str]) -> list[str]:
        """Lines of the fstab found on the disks."""
        return [" ".join(words) + "\n" for words in fstab_lines(self._version, FACTS, disks)]

    def _entries(self) -> list[list[str]]:
        return fstab_lines(self._version, FACTS, [*self.getDisks(), *FACTS.raids])

    def getFsType(self, mntpoint: str) -> str:
        """File system of a mount point in the fstab, or an empty text."""
        return next((words[2] for words in self._entries() if words[1] == mntpoint and len(words) > 2), "")

    findFsTypeInFstab = getFsType

    def findMntInFstab(self, identifier: str) -> str:
        """Mount point of an fstab entry by its first field."""
        return next((words[1] for words in self._entries() if words[0] == identifier), "")

    def getMountPoint(self, partition: str) -> str:
        """Where a partition was mounted."""
        keys = [f"/dev/{partition}", f"LABEL={FACTS.labels.get(partition, '')}"]
        if partition in FACTS.uuids:
            keys.insert(0, f"UUID={FACTS.uuids[partition]}")
        return next((found for key in keys if (found := self.findMntInFstab(key))), "")

    def getRaidName(self, partition: str) -> str:
        """``raid.`` and the name for a member that is known, else empty."""
        members = {one for text in FACTS.arrays.values() for one in array_detail(text)[1]}
        return f"raid.{partition}" if f"raid.{partition}" in members else ""

    def getRaidLevel(self, partition: str) -> str:
        """``1``; empty when the array is not known."""
        return array_detail(FACTS.arrays.get(partition, ""))[0]

    def getRaidParts(self, partition: str) -> str:
        """``raid.hda3 raid.hdb1``."""
        return " ".join(array_detail(FACTS.arrays.get(partition, ""))[1])

    def getDiskInfo(self, disk: str) -> list[str]:
        """The lines parted prints of a disk."""
        return self._text(disk).splitlines(keepends=True)

    def _text(self, disk: str) -> str:
        known = FACTS.disks.get(disk)
        return known.parted_text if known is not None else ""

    def formatPartedNodePartInfo(self, devname: str, info: list[str]) -> list[str]:
        """parted's lines as texts of eight fields with commas between."""
        text = "".join(line if line.endswith("\n") else line + "\n" for line in info)
        rows = []
        for row in parted_rows(self._version, devname, text):
            mount = "swap" if "linux-swap" in row.fstype else self.getMountPoint(row.device)
            if "raid" in row.flags.split():
                mount = f"raid.{row.device}"
            rows.append(",".join((row.device, row.start, row.size, "", row.fstype, row.flags, "", mount)))
        if not rows and is_readable(text):
            rows.append(f"{devname},,,,,,,")
        return rows

    def parsePartInfo(self, info: str) -> SavedRow:
        """Eight fields; eight empty ones when there are not just eight."""
        fields = info.split(",")
        if len(fields) != len(EMPTY):
            return EMPTY
        one, two, three, four, five, six, seven, eight = (field.strip() for field in fields)
        return (one, two, three, four, five, six, seven, eight)

    def getNodePartInfo(self, disks: list[str]) -> dict[str, list[SavedRow]]:
        """Disk → its partitions."""
        return find_partitions(self._version, FACTS, disks)

    def listDiskPartitionNumbers(self, disk: str) -> list[int]:
        """``[1, 2, 3]`` (Rocks 5.0)."""
        numbers = (line.split()[:1] for line in self._text(disk).splitlines())
        return [int(words[0]) for words in numbers if words and words[0].isdigit()]

    def listDiskPartitions(self, disk: str) -> list[tuple[str, str]]:
        """``[('hda1', 'ext3'), …]``."""
        if is_array(disk):
            return [(disk, "dummy")]
        rows = parted_rows(self._version, disk, self._text(disk))
        return [(row.device, row.fstype) for row in rows]

    def isRocksDisk(self, partinfo: list[SavedRow], touchit: int = 0) -> int:
        """1 when a partition of the list carries a stamp. Nothing is ever written in the sandbox."""
        disk = partinfo[0][0] if partinfo else ""
        return int(is_stamped(self._version, FACTS, disk, partinfo) or bool(touchit))

    def addPartitions(self, nodepartinfo: list[SavedRow], format: int = 0) -> list[str]:
        """Directives that use partitions again; with `format` they are formatted."""
        self.mountpoints.extend(row[7] for row in nodepartinfo if row[7])
        lines = list(reconnect_lines(self._version, nodepartinfo))
        return [line.replace(" --noformat", "") for line in lines] if format else lines

    def compareDiskInfo(self, dbpartinfo: list[SavedRow], nodepartinfo: list[SavedRow]) -> int:
        """1 when the saved rows are just those found, device names aside."""
        known = {tuple(row[1:]) for row in nodepartinfo}
        same = len(dbpartinfo) == len(nodepartinfo) and all(tuple(row[1:]) in known for row in dbpartinfo)
        return int(same)

    def RocksGetPartsize(self, mountpt: str) -> int:
        """Size in MB of ``root``, ``var``, ``swap`` in the default scheme, else 0."""
        sizes = ROCKS_DEFAULTS[self._version.preset]
        known = {
            "root": sizes.root,
            "var": sizes.var,
            "swap": sizes.swap,
            "efi": EFI_MIB if sizes.root > 16000 else 0,
        }
        return known.get(mountpt, 0)

    def defaultRootDisk(self, disk: str) -> list[str]:
        """The default scheme's lines for the first disk."""
        sizes = ROCKS_DEFAULTS[self._version.preset]
        swap = " --fstype=swap" if sizes.swap_fstype else ""
        lines = [
            f"part / --size={sizes.root} --fstype={sizes.fstype} --ondisk={disk} ",
            f"part /var --size={sizes.var} --fstype={sizes.fstype} --ondisk={disk} ",
            f"part swap --size={sizes.swap}{swap} --ondisk={disk} ",
        ]
        self.mountpoints.extend(["/", "/var"])
        return [*lines, *self.defaultDataDisk(disk)]

    def defaultDataDisk(self, disk: str) -> list[str]:
        """The default scheme's lines for a further disk."""
        mount = next_data_mount(self.mountpoints)
        self.mountpoints.append(mount)
        fstype = ROCKS_DEFAULTS[self._version.preset].fstype
        return [f"part {mount} --size=1 --fstype={fstype} --grow --ondisk={disk} "]
