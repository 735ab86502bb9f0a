"""What the text has defined so far beside partitions: members, arrays, volume groups and volumes, while planning."""

from __future__ import annotations

from dataclasses import dataclass, field

from partition_editor.planner.board import Board, Piece
from partition_editor.planner.formats import Format


@dataclass(slots=True, eq=False)
class Member:
    """A partition or array that can be a member: its device, format and size."""

    name: str
    device: str
    format: str
    size_bytes: int
    on_array: bool = False
    line: int | None = None


@dataclass(slots=True, eq=False)
class Array:
    """An md array."""

    name: str
    level: int
    members: tuple[str, ...]
    size_bytes: int
    spares: int
    mount: str
    format: Format | None
    line: int
    chunk_bytes: int = 0
    encrypted: bool = False
    kept: bool = False


@dataclass(slots=True, eq=False)
class Volume:
    """A logical volume. `size_bytes` is exact, `extents` what it takes of its group."""

    name: str
    group: Group
    mount: str
    format: Format | None
    size_bytes: int
    kind: str
    line: int
    grow: bool = False
    limit_bytes: int | None = None
    percent: int | None = None
    pool: Volume | None = None
    metadata_bytes: int | None = None
    chunk_kib: int | None = None
    cache_bytes: int = 0
    kept: bool = False
    why: str = ""

    @property
    def extents(self) -> int:
        """Extents of the group it takes, a pool's metadata and their spare included; none for a thin volume."""
        if self.kind == "lvmthinlv" or self.kept:
            return 0
        taken = -(-self.size_bytes // self.group.pe_bytes) + -(-self.cache_bytes // self.group.pe_bytes)
        if self.metadata_bytes is not None:
            taken += 2 * -(-self.metadata_bytes // self.group.pe_bytes)
        return taken


@dataclass(slots=True, eq=False)
class Group:
    """A volume group."""

    name: str
    pe_bytes: int
    extents: int
    devices: tuple[str, ...]
    line: int
    reserved_extents: int = 0
    kept: bool = False
    volumes: list[Volume] = field(default_factory=list)

    @property
    def free_extents(self) -> int:
        """Extents nobody has, those held back included."""
        return self.extents - sum(one.extents for one in self.volumes)

    @property
    def usable_extents(self) -> int:
        """Extents that may still be given out."""
        return self.free_extents - self.reserved_extents


@dataclass(slots=True, eq=False)
class Store:
    """Everything defined so far.

    Attributes:
        raw_members: Members by name, as ``raid`` and ``volgroup`` lines refer to them.
        used: Members already taken, to their user.
    """

    boards: list[Board]
    raw_members: dict[str, Member] = field(default_factory=dict)
    arrays: list[Array] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    used: dict[str, str] = field(default_factory=dict)
    notes: list[tuple[str, int]] = field(default_factory=list)

    def group(self, name: str | None) -> Group | None:
        """Return a volume group by name."""
        return next((one for one in self.groups if one.name == name), None)

    def free_mount(self, mount: str) -> None:
        """A later request for a mount point destroys the device that had it."""
        if not mount:
            return
        for board in self.boards:
            gone = [piece for piece in board.pieces if piece.mount == mount or _mount_of(piece) == mount]
            for piece in gone:
                if piece.existing is not None:
                    piece.mount = ""
                else:
                    board.pieces.remove(piece)
            if gone:
                board.renumber_logicals()
        self.arrays = [one for one in self.arrays if one.mount != mount]
        for group in self.groups:
            group.volumes = [one for one in group.volumes if one.mount != mount]


def _mount_of(piece: Piece) -> str:
    return piece.wanted.mount if piece.wanted is not None else ""
