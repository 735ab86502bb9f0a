"""What a text asks for: one object per partitioning directive, each knowing its line. Sizes in MiB.

`partition_editor.document.reading.read_spec` makes a `Spec` from a document; the planner and the rules take it from
there. Values are what was written, defaults are the planner's business: None means "not given".
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartRequest:
    """A ``part`` line."""

    line: int
    """1-based line number in the document."""
    mount: str
    """``/var``, ``swap``, ``raid.01``, ``pv.1``, ``biosboot``, ``btrfs.1``…, normalised as the release does."""
    size_mib: int | None = None
    grow: bool = False
    maxsize_mib: int | None = None
    disk: str | None = None
    """``--ondisk``."""
    onpart: str | None = None
    fstype: str | None = None
    asprimary: bool = False
    noformat: bool = False
    recommended: bool = False
    hibernation: bool = False
    resize: bool = False
    active: bool = False
    start_cylinder: int | None = None
    end_cylinder: int | None = None
    label: str | None = None
    encrypted: bool = False
    passphrase: str | None = None


@dataclass(frozen=True, slots=True)
class RaidRequest:
    """A ``raid`` line. `device` as written; the planner strips ``md`` where the release does."""

    line: int
    mount: str
    device: str | None
    level: int | None
    members: tuple[str, ...] = ()
    spares: int = 0
    fstype: str | None = None
    chunksize_kib: int | None = None
    noformat: bool = False
    useexisting: bool = False
    encrypted: bool = False
    passphrase: str | None = None
    level_text: str = ""
    """The level as written, also when it is none ("RAID1", "mirror")."""


@dataclass(frozen=True, slots=True)
class VolGroupRequest:
    """A ``volgroup`` line."""

    line: int
    name: str
    members: tuple[str, ...] = ()
    pesize_kib: int | None = None
    reserved_space_mib: int | None = None
    reserved_percent: int | None = None
    noformat: bool = False
    useexisting: bool = False


@dataclass(frozen=True, slots=True)
class LogVolRequest:
    """A ``logvol`` line."""

    line: int
    mount: str
    vgname: str | None
    name: str | None
    size_mib: int | None = None
    percent: int | None = None
    grow: bool = False
    maxsize_mib: int | None = None
    fstype: str | None = None
    recommended: bool = False
    hibernation: bool = False
    noformat: bool = False
    useexisting: bool = False
    resize: bool = False
    thin: bool = False
    thinpool: bool = False
    poolname: str | None = None
    chunksize_kib: int | None = None
    metadatasize_mib: int | None = None
    cachesize_mib: int | None = None
    cachemode: str | None = None
    cachepvs: tuple[str, ...] = ()
    encrypted: bool = False
    passphrase: str | None = None


@dataclass(frozen=True, slots=True)
class ClearRequest:
    """A ``clearpart`` line. `mode` is ``none``, ``linux`` or ``all``; None when no mode option was given."""

    line: int
    mode: str | None = None
    drives: tuple[str, ...] = ()
    initlabel: bool = False
    devices: tuple[str, ...] = ()
    """``--list``."""
    disklabel: str | None = None


@dataclass(frozen=True, slots=True)
class IgnoreDiskRequest:
    """An ``ignoredisk`` line."""

    line: int
    drives: tuple[str, ...] = ()
    only_use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BootloaderRequest:
    """A ``bootloader`` line, as far as disks are concerned."""

    line: int
    location: str | None = None
    boot_drive: str | None = None
    driveorder: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReqPartRequest:
    """A ``reqpart`` line."""

    line: int
    add_boot: bool = False


@dataclass(frozen=True, slots=True)
class AutoPartRequest:
    """An ``autopart`` line. `scheme` is ``plain``, ``lvm``, ``thinp`` or ``btrfs``."""

    line: int
    scheme: str | None = None
    fstype: str | None = None
    nohome: bool = False
    noboot: bool = False
    noswap: bool = False
    encrypted: bool = False


@dataclass(frozen=True, slots=True)
class BtrfsRequest:
    """A ``btrfs`` line."""

    line: int
    mount: str
    members: tuple[str, ...] = ()
    label: str | None = None
    data_level: str | None = None
    subvol: bool = False
    name: str | None = None
    noformat: bool = False
    useexisting: bool = False


@dataclass(frozen=True, slots=True)
class MountRequest:
    """A ``mount`` line."""

    line: int
    device: str
    mount: str
    reformat: str | None = None


@dataclass(frozen=True, slots=True)
class RocksScheme:
    """A ``rocks WORD`` line of exactly two words."""

    line: int
    word: str


Request = PartRequest | RaidRequest | VolGroupRequest | LogVolRequest | BtrfsRequest | MountRequest


@dataclass(frozen=True, slots=True)
class Spec:
    """Everything a text asks for, in file order. A later ``clearpart`` line's values win, as in Anaconda."""

    requests: tuple[Request, ...] = ()
    clear: ClearRequest | None = None
    ignoredisk: IgnoreDiskRequest | None = None
    bootloader: BootloaderRequest | None = None
    reqpart: ReqPartRequest | None = None
    autopart: AutoPartRequest | None = None
    zerombr: int | None = None
    """Line of ``zerombr``, or None."""
    scheme: RocksScheme | None = None

    @property
    def parts(self) -> tuple[PartRequest, ...]:
        """The ``part`` lines in file order."""
        return tuple(one for one in self.requests if isinstance(one, PartRequest))

    @property
    def raids(self) -> tuple[RaidRequest, ...]:
        """The ``raid`` lines in file order."""
        return tuple(one for one in self.requests if isinstance(one, RaidRequest))

    @property
    def volgroups(self) -> tuple[VolGroupRequest, ...]:
        """The ``volgroup`` lines in file order."""
        return tuple(one for one in self.requests if isinstance(one, VolGroupRequest))

    @property
    def logvols(self) -> tuple[LogVolRequest, ...]:
        """The ``logvol`` lines in file order."""
        return tuple(one for one in self.requests if isinstance(one, LogVolRequest))
