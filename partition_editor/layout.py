"""What the planner answers: the disks as the installer would leave them, or why it would refuse."""

from __future__ import annotations

from dataclasses import dataclass, field

from partition_editor.disks import Profile


@dataclass(frozen=True, slots=True)
class PlannedPartition:
    """One partition of a planned disk. Sectors of 512 bytes.

    Attributes:
        line: Line of the request it answers; None for the extended partition and kept foreign ones.
        asked_mib: The request's size after defaults; None where there was none.
        why: The planner's reason in one sentence.
        kept: It was there before and is not reformatted.
    """

    number: int
    name: str
    kind: str
    """``primary``, ``extended`` or ``logical``."""
    start: int
    length: int
    mountpoint: str = ""
    fstype: str = ""
    req: str = ""
    """As in the recorded answers: mount point, ``raid.01``, ``pv.1`` or ``reqN``."""
    line: int | None = None
    asked_mib: int | None = None
    grows: bool = False
    why: str = ""
    kept: bool = False
    start_cylinder: int | None = None
    end_cylinder: int | None = None


@dataclass(frozen=True, slots=True)
class FreeSpace:
    """Unused sectors between, before or behind partitions."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class PlannedDisk:
    """One disk after the install. `partitions` by position, an extended one before its logicals."""

    name: str
    label: str | None
    sectors: int
    partitions: tuple[PlannedPartition, ...] = ()
    free: tuple[FreeSpace, ...] = ()
    cleared: bool = False
    """Everything that was on it is gone."""


@dataclass(frozen=True, slots=True)
class PlannedArray:
    """An md array. `size_bytes` is its usable size, `chunk_bytes` 0 for RAID 1."""

    name: str
    level: int
    members: tuple[str, ...]
    size_bytes: int
    spares: int = 0
    mountpoint: str = ""
    fstype: str = ""
    line: int | None = None
    chunk_bytes: int = 0
    encrypted: bool = False
    kept: bool = False


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """An LVM volume group."""

    name: str
    pe_bytes: int
    extents: int
    free_extents: int
    pvs: tuple[str, ...]
    line: int | None = None
    kept: bool = False


@dataclass(frozen=True, slots=True)
class PlannedVolume:
    """An LVM logical volume. `kind` is ``lvmlv``, ``lvmthinpool`` or ``lvmthinlv``."""

    name: str
    vg: str
    size_bytes: int
    kind: str = "lvmlv"
    mountpoint: str = ""
    fstype: str = ""
    line: int | None = None
    why: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something the installer would say or that an operator should know, on a line of the text."""

    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What the node gets.

    Attributes:
        checker_errors: What the installer's own check would stop with (no root partition, …).
        bootloader_error: What the boot loader set-up would stop with; empty when fine.
    """

    profile: Profile
    disks: tuple[PlannedDisk, ...]
    arrays: tuple[PlannedArray, ...] = ()
    groups: tuple[PlannedGroup, ...] = ()
    volumes: tuple[PlannedVolume, ...] = ()
    checker_errors: tuple[str, ...] = ()
    checker_warnings: tuple[str, ...] = ()
    bootloader_error: str = ""
    notes: tuple[Note, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """The installer would go through with it."""
        return not self.checker_errors and not self.bootloader_error


@dataclass(frozen=True, slots=True)
class PlanRefusal:
    """The installer would stop, and on what.

    Attributes:
        stage: ``parse`` or ``partitioning``, as in the recorded answers.
        error: The installer's own message.
        line: Line of the request that broke it, where one did.
        short_mib: How much is missing, for lack of space.
        disk: The disk concerned, where there is one.
    """

    stage: str
    error: str
    line: int | None = None
    short_mib: int | None = None
    disk: str | None = None
