"""RHEL 6 and later: one algorithm, from the text to the layout.

Source: blivet and Anaconda; between those releases only names, defaults and messages differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from partition_editor.disks import Disk, Profile
from partition_editor.layout import (
    FreeSpace,
    Layout,
    Note,
    PlannedArray,
    PlannedDisk,
    PlannedGroup,
    PlannedPartition,
    PlannedVolume,
)
from partition_editor.planner.arrays import make_array
from partition_editor.planner.asking import Asker, check_formats
from partition_editor.planner.automatic import with_automatic
from partition_editor.planner.board import Board, Piece
from partition_editor.planner.btrfs import make_btrfs
from partition_editor.planner.checker import Checker
from partition_editor.planner.clearing import clear_disks, usable_disks
from partition_editor.planner.devices import SECTOR, boot_board, devices_of
from partition_editor.planner.growing import grow_board
from partition_editor.planner.lvm import grow_groups, make_group, make_volume
from partition_editor.planner.placing import Placer
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import release_of
from partition_editor.planner.store import Member, Store
from partition_editor.requests import BtrfsRequest, LogVolRequest, MountRequest, RaidRequest, Spec, VolGroupRequest

_KINDS = (RaidRequest, VolGroupRequest, LogVolRequest, BtrfsRequest)


def plan_modern(spec: Spec, disks: Sequence[Disk], profile: Profile) -> Layout:
    """Return the layout.

    Raises:
        Stop: The installer would stop.
    """
    boards = clear_disks(spec, usable_disks(spec, disks), profile)
    boot = boot_board(boards, *_boot_wish(spec))
    spec = with_automatic(spec, boards, boot, profile)
    _check_order(spec, profile)
    asker = Asker(spec, boards, profile)
    placer = Placer([board for board in _boot_first(boards, boot) if board.label is not None], profile.firmware)
    placer.place_all(asker.wanted)
    for board in boards:
        grow_board(board)
        board.renumber_logicals()
    check_formats(asker.wanted)
    store = Store(boards)
    _offer_members(store, asker)
    _use_mounts(spec, store)
    for kind in _KINDS:
        for request in spec.requests:
            if not isinstance(request, kind):
                continue
            if isinstance(request, RaidRequest):
                make_array(request, store, profile)
            elif isinstance(request, VolGroupRequest):
                make_group(request, store, profile)
            elif isinstance(request, LogVolRequest):
                make_volume(request, store, profile)
            elif isinstance(request, BtrfsRequest):
                make_btrfs(request, store, profile)
    grow_groups(store)
    return _layout(spec, store, boot, disks, profile)


def _boot_wish(spec: Spec) -> tuple[str | None, tuple[str, ...]]:
    if spec.bootloader is None:
        return None, ()
    return spec.bootloader.boot_drive, spec.bootloader.driveorder


def _boot_first(boards: list[Board], boot: Board | None) -> list[Board]:
    return boards if boot is None else [boot, *(board for board in boards if board is not boot)]


def _check_order(spec: Spec, profile: Profile) -> None:
    """RHEL 6 carries lines out as written: a line can only use what stands above it."""
    if not release_of(profile).file_order:
        return
    members: set[str] = set()
    groups: set[str] = set()
    for request in spec.requests:
        if isinstance(request, RaidRequest):
            _need(
                members, request.members, 'Tried to use undefined partition "{}" in RAID specification.', request.line
            )
        elif isinstance(request, VolGroupRequest):
            text = 'Tried to use undefined partition "{}" in Volume Group specification'
            _need(members, request.members, text, request.line)
            groups.add(request.name)
        elif isinstance(request, LogVolRequest):
            text = 'No volume group exists with the name "{}". Specify volume groups before logical volumes.'
            _need(groups, (request.vgname or "",), text, request.line)
        if not isinstance(request, VolGroupRequest | LogVolRequest):
            members.add(request.mount)


def _need(known: set[str], names: Sequence[str], text: str, line: int) -> None:
    for name in names:
        if name not in known:
            raise Stop(text.format(name), line)


def _offer_members(store: Store, asker: Asker) -> None:
    by_req = {piece.wanted.req: (board, piece) for board in store.boards for piece in board.pieces if piece.wanted}
    for name, line in asker.members.items():
        piece = asker.reused.get(name)
        if piece is not None and piece.existing is not None:
            size = (piece.end - piece.start + 1) * SECTOR
            store.raw_members[name] = Member(name, piece.existing.name, piece.fstype, size, line=line)
        elif name in by_req:
            board, placed = by_req[name]
            wanted = placed.wanted
            if wanted is not None:
                device = board.partition_name(placed.number)
                member = Member(name, device, wanted.format.type, wanted.length * SECTOR, line=line)
                store.raw_members[name] = member


def _use_mounts(spec: Spec, store: Store) -> None:
    """``mount`` (RHEL 8 and later) puts existing partitions to use."""
    for request in spec.requests:
        if not isinstance(request, MountRequest):
            continue
        name = request.device.removeprefix("/dev/")
        found = [
            piece
            for board in store.boards
            for piece in board.pieces
            if piece.existing is not None and piece.existing.name == name
        ]
        if not found:
            raise Stop(f'Unknown or invalid device "{request.device}" specified', request.line)
        found[0].mount = request.mount if request.mount.startswith("/") else ""
        found[0].line = request.line
        if request.reformat is not None:
            found[0].reformatted = True
            found[0].fstype = request.reformat or found[0].fstype


def _layout(spec: Spec, store: Store, boot: Board | None, disks: Sequence[Disk], profile: Profile) -> Layout:
    check = Checker(devices_of(store), boot, profile)
    notes = [Note(text, line) for text, line in store.notes]
    if spec.requests:
        notes += [Note(text) for text in _lost(store)]
    in_order = {disk.name: index for index, disk in enumerate(disks)}
    planned = sorted((_disk(board) for board in store.boards), key=lambda one: in_order[one.name])
    return Layout(
        profile,
        tuple(planned),
        tuple(_array(store)),
        tuple(
            PlannedGroup(one.name, one.pe_bytes, one.extents, one.free_extents, one.devices, one.line, one.kept)
            for one in sorted(store.groups, key=lambda group: group.name)
        ),
        tuple(_volumes(store)),
        tuple(check.errors),
        tuple(check.warnings),
        check.bootloader_error,
        tuple(notes),
    )


def _lost(store: Store) -> list[str]:
    gone = []
    for board in store.boards:
        kept = {id(piece.existing) for piece in board.pieces if not piece.reformatted}
        for old in board.disk.partitions:
            if id(old) not in kept and (old.has_data or old.mountpoint):
                gone.append(f"{old.name}{f' ({old.mountpoint})' if old.mountpoint else ''} would be erased.")
    return gone


def _array(store: Store) -> list[PlannedArray]:
    return [
        PlannedArray(
            one.name,
            one.level,
            one.members,
            one.size_bytes,
            one.spares,
            one.mount,
            one.format.type if one.format else "",
            one.line,
            one.chunk_bytes,
            one.encrypted,
            one.kept,
        )
        for one in sorted(store.arrays, key=lambda array: array.name)
    ]


def _volumes(store: Store) -> list[PlannedVolume]:
    found = [one for group in store.groups for one in group.volumes]
    return [
        PlannedVolume(
            one.name,
            one.group.name,
            one.size_bytes,
            one.kind,
            one.mount,
            one.format.type if one.format else "",
            one.line,
            one.why,
            one.kept,
        )
        for one in sorted(found, key=lambda volume: f"{volume.group.name}-{volume.name}")
    ]


def _disk(board: Board) -> PlannedDisk:
    order = sorted(board.pieces, key=lambda one: (one.start, one.kind != "extended"))
    free = sorted(
        (gap.start, gap.end - gap.start + 1) for gap in (*board.gaps(logical=False), *board.gaps(logical=True))
    )
    return PlannedDisk(
        board.disk.name,
        board.label,
        board.disk.sectors,
        tuple(_partition(board, piece) for piece in order),
        tuple(FreeSpace(start, length) for start, length in free),
        board.cleared,
    )


def _partition(board: Board, piece: Piece) -> PlannedPartition:
    name = board.partition_name(piece.number)
    length = piece.end - piece.start + 1
    wanted, old = piece.wanted, piece.existing
    if wanted is not None:
        return PlannedPartition(
            piece.number,
            name,
            piece.kind,
            piece.start,
            length,
            wanted.mount,
            wanted.format.type,
            wanted.req,
            wanted.line,
            wanted.asked_mib,
            wanted.grow,
            _sentence(wanted.reasons),
        )
    if old is None:
        why = "Holds the logical partitions, since a label has four primary slots."
        return PlannedPartition(piece.number, name, piece.kind, piece.start, length, req=name, why=why)
    return PlannedPartition(
        old.number,
        old.name,
        old.kind,
        piece.start,
        length,
        piece.mount,
        piece.fstype,
        line=piece.line,
        why="Reformatted where it is." if piece.reformatted else "Kept as it is.",
        kept=not piece.reformatted,
    )


def _sentence(reasons: Sequence[str]) -> str:
    if not reasons:
        return "The only request here."
    text = "; ".join(reasons)
    return f"{text[0].upper()}{text[1:]}."
