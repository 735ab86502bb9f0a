"""Every device of a finished layout that carries a format: what the installer's checks look at."""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.planner.board import Board
from partition_editor.planner.formats import Format, format_named
from partition_editor.planner.store import Store

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Device:
    """One device.

    Attributes:
        type: ``partition``, ``mdarray``, ``lvmlv``, ``lvmthinlv`` or ``lvmthinpool``.
        disks: Names of the disks it lies on; empty for volumes.
        end: Sector behind its last one, for partitions; 0 for others.
        fresh: It gets a new file system.
    """

    name: str
    type: str
    mount: str
    format: Format | None
    size_bytes: int
    disks: tuple[str, ...] = ()
    level: int | None = None
    end: int = 0
    fresh: bool = True
    line: int | None = None


def devices_of(store: Store) -> list[Device]:
    """Return arrays, then partitions by disk and position, then volumes."""
    disk_of: dict[str, str] = {}
    partitions: list[Device] = []
    for board in store.boards:
        for piece in sorted(board.pieces, key=lambda one: one.start):
            name = board.partition_name(piece.number)
            disk_of[name] = board.disk.name
            if piece.kind == "extended":
                continue
            size = (piece.end - piece.start + 1) * SECTOR
            old, new = piece.existing, piece.wanted
            partitions.append(
                Device(
                    old.name if old is not None else name,
                    "partition",
                    new.mount if new is not None else piece.mount,
                    new.format if new is not None else format_named(piece.fstype),
                    size,
                    (board.disk.name,),
                    end=piece.end + 1,
                    fresh=old is None or piece.reformatted,
                    line=new.line if new is not None else piece.line,
                )
            )
    arrays = []
    for one in sorted(store.arrays, key=lambda array: array.name):
        disks = tuple(disk_of.get(name, "") for name in one.members)
        arrays.append(
            Device(one.name, "mdarray", one.mount, one.format, one.size_bytes, disks, one.level, line=one.line)
        )
    volumes = [
        Device(f"{group.name}-{one.name}", one.kind, one.mount, one.format, one.size_bytes, line=one.line)
        for group in store.groups
        for one in group.volumes
    ]
    return [*arrays, *partitions, *volumes]


def boot_board(boards: list[Board], drive: str | None, order: tuple[str, ...]) -> Board | None:
    """Return the boot disk: ``--boot-drive``, else the first of ``--driveorder``, else the first with a label."""
    for name in (*((drive,) if drive else ()), *order):
        for board in boards:
            if board.disk.name == name.removeprefix("/dev/"):
                return board
    labelled = [board for board in boards if board.label is not None]
    return labelled[0] if labelled else (boards[0] if boards else None)
