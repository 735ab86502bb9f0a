"""From ``part`` lines to requests: defaults, minimum sizes, formats, existing partitions, what is refused at once.

Source: Anaconda's execution of ``part`` (RHEL 6 and later); the error texts are its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from partition_editor.disks import MIB_SECTORS, Profile
from partition_editor.planner.board import Board, Piece
from partition_editor.planner.formats import Format, needed_format, shown_size
from partition_editor.planner.gaps import align_up
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import release_of
from partition_editor.planner.sizes import DEFAULT_PART_MIB, recommended_swap_mib
from partition_editor.planner.wanted import Wanted
from partition_editor.requests import PartRequest, Spec

_MEMBERS = {"raid.": "mdmember", "pv.": "lvmpv", "btrfs.": "btrfs"}
_NAMED_MEMBERS = {"raid.": "RAID partition", "pv.": "PV partition", "btrfs.": "BTRFS partition"}
_AREAS = ("biosboot", "prepboot", "appleboot")
_WEIGHTS = {"efi": 5000, "biosboot": 5000, "prepboot": 5000, "appleboot": 5000, "macefi": 5000}
_BOOT_WEIGHT = 2000


def member_prefix(mount: str) -> str | None:
    """Return ``raid.``, ``pv.`` or ``btrfs.`` when a name is that of a member."""
    return next((prefix for prefix in _MEMBERS if mount.startswith(prefix)), None)


class Asker:
    """Turns ``part`` lines into `Wanted` requests or into uses of existing partitions.

    Attributes:
        wanted: What has to be placed, in file order.
        members: Line of each ``raid.*``, ``pv.*`` and ``btrfs.*`` seen so far.
        reused: The pieces ``--onpart`` took, by member name where they have one.
    """

    def __init__(self, spec: Spec, boards: Sequence[Board], profile: Profile) -> None:
        self.wanted: list[Wanted] = []
        self.members: dict[str, int] = {}
        self.reused: dict[str, Piece] = {}
        self._boards = boards
        self._profile = profile
        self._release = release_of(profile)
        self._count = 0
        self._by_name = {board.disk.name: board for board in reversed(boards)}
        self._mounts = {piece.mount for board in boards for piece in board.pieces}
        for part in spec.parts:
            self.ask(part)

    def ask(self, part: PartRequest) -> None:
        """Take one line.

        Raises:
            Stop: The installer refuses the line.
        """
        prefix = member_prefix(part.mount)
        if prefix is not None and part.mount in self.members:
            raise Stop(f'{_NAMED_MEMBERS[prefix]} "{part.mount}" is defined multiple times.', part.line)
        found = self._format(part, prefix)
        if part.noformat and part.onpart is None:
            raise Stop("part --noformat must also use the --onpart option.", part.line)
        req = part.mount
        if prefix is None:
            req = f"req{self._count}"
            self._count += 1
        if prefix is not None:
            self.members[part.mount] = part.line
        mount = part.mount if found.mountable and prefix is None and part.mount != "None" else ""
        if mount:
            self._replace(mount)
        if part.onpart is not None:
            self._reuse(part, found, mount)
            return
        self._check_disk(part)
        self.wanted.append(self._want(part, req, mount, found))

    def _format(self, part: PartRequest, prefix: str | None) -> Format:
        if prefix is not None:
            name = _MEMBERS[prefix]
        elif part.mount == "swap":
            name = "swap"
        elif part.mount in _AREAS:
            name = part.mount
        elif part.mount == "/boot/efi" and part.fstype in (None, "vfat", "efi"):
            name = "efi"
        else:
            name = part.fstype or self._profile.default_fstype or self._release.fstype
        if name == "btrfs" and not self._release.has_btrfs:
            raise Stop('The "btrfs" file system type is not supported.', part.line)
        found = needed_format(name, part.line)
        if prefix is not None:
            return Format(found.type, found.shown, found.min_mib, found.max_mib, mountable=False)
        return found

    def _want(self, part: PartRequest, req: str, mount: str, found: Format) -> Wanted:
        asked = part.size_mib
        if part.recommended or part.hibernation:
            asked = recommended_swap_mib(self._profile.ram_mib, self._boards, hibernation=part.hibernation)
        if not asked:
            asked = DEFAULT_PART_MIB
        if asked < 0:
            raise Stop("new partition size is negative", part.line)
        size = asked * MIB_SECTORS
        reasons = []
        if size < found.min_sectors:
            size = align_up(found.min_sectors)
            reasons.append(f"raised to {size // MIB_SECTORS} MiB, the least {found.shown} takes")
        if found.max_mib is not None and asked > found.max_mib:
            raise Stop(_out_of_limits(found, "large"), part.line)
        return Wanted(
            req,
            part.line,
            mount,
            found,
            size,
            asked,
            grow=part.grow,
            limit=part.maxsize_mib * MIB_SECTORS if part.maxsize_mib else None,
            disk=part.disk,
            primary=part.asprimary,
            weight=_BOOT_WEIGHT if mount == "/boot" else _WEIGHTS.get(found.type, 0),
            reasons=reasons,
        )

    def _replace(self, mount: str) -> None:
        """A second request for a mount point replaces the first, on every release."""
        if mount not in self._mounts:
            self._mounts.add(mount)
            return
        self.wanted = [one for one in self.wanted if one.mount != mount]
        for board in self._boards:
            for piece in board.pieces:
                if piece.mount == mount:
                    piece.mount = ""

    def _check_disk(self, part: PartRequest) -> None:
        if part.disk is None:
            return
        board = self._by_name.get(part.disk)
        if board is None:
            raise Stop(f'Disk "{part.disk}" given in part command does not exist.', part.line, disk=part.disk)
        if board.label is None:
            raise Stop(f'Disk "{part.disk}" in part command is not partitioned.', part.line, disk=part.disk)

    def _reuse(self, part: PartRequest, found: Format, mount: str) -> None:
        name = (part.onpart or "").removeprefix("/dev/")
        for board in self._boards:
            for piece in board.pieces:
                old = piece.existing
                if old is None or piece.kind == "extended":
                    continue
                if name in (old.name, f"LABEL={old.mountpoint}"):
                    if part.resize:
                        self._resize(board, piece, part)
                    piece.mount, piece.line = mount, part.line
                    piece.reformatted = not part.noformat
                    if not part.noformat:
                        piece.fstype = found.type
                    if member_prefix(part.mount):
                        self.reused[part.mount] = piece
                    return
        raise Stop(f'Partition "{name}" given in part command does not exist.', part.line)

    def _resize(self, board: Board, piece: Piece, part: PartRequest) -> None:
        size = (part.size_mib or 0) * MIB_SECTORS
        end = piece.start + size - 1
        gaps = board.gaps(logical=piece.kind == "logical")
        room = next((gap.end for gap in gaps if gap.start == piece.end + 1), piece.end)
        if size <= 0 or end > room:
            shown = shown_size(size * 512)
            raise Stop(
                f'Target size "{shown}" for device "{part.onpart}" is invalid.', part.line, disk=board.disk.name
            )
        piece.end = end
        board.note_chunks()


def check_formats(wanted: Sequence[Wanted]) -> None:
    """Check what every partition has become against its format's limits.

    Raises:
        Stop: Growing left one too small (the gap before logical partitions ate it) or too large.
    """
    for one in wanted:
        if one.length < one.format.min_sectors:
            short = -(-(one.format.min_sectors - one.length) // MIB_SECTORS)
            raise Stop(_out_of_limits(one.format, "small"), one.line, short_mib=short)
        if one.format.max_mib is not None and one.length > one.format.max_mib * MIB_SECTORS:
            raise Stop(_out_of_limits(one.format, "large"), one.line)


def _out_of_limits(found: Format, what: str) -> str:
    least = shown_size(int((found.min_mib or 0) * 1024 * 1024))
    most = shown_size((found.max_mib or 0) * 1024 * 1024)
    return f"partition is too {what} for {found.shown} formatting (allowable size is {least} to {most})"
