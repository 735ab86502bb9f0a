"""md arrays from ``raid`` lines: members, levels, usable sizes (RHEL 6 and later). Sizes in bytes.

Sources: Anaconda's execution of ``raid``, blivet's RAID levels and its estimate of the md superblock's headroom.
"""

from __future__ import annotations

from partition_editor.disks import Profile
from partition_editor.planner.asking import member_prefix
from partition_editor.planner.formats import Format, needed_format
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import array_name, release_of
from partition_editor.planner.store import Array, Member, Store
from partition_editor.requests import RaidRequest

MIB = 1024 * 1024
_MOST_HEADROOM = 128 * MIB
_CHUNK = 512 * 1024
_MINIMUM = {0: 2, 1: 2, 4: 3, 5: 3, 6: 4, 10: 4}


def usable_bytes(level: int, smallest: int, members: int, chunk: int) -> int:
    """Return the usable size of an array of equal members.

    A superblock's headroom is withheld from each: 128 MiB halved while it is more than a 1024th, at least 1 MiB.
    """
    headroom = _MOST_HEADROOM
    while headroom * 1024 > smallest and headroom > MIB:
        headroom //= 2
    data = max(smallest - headroom, 0)
    if level != 1:
        data = data // chunk * chunk
    factors = {0: members, 1: 1, 4: members - 1, 5: members - 1, 6: members - 2, 10: members // 2}
    return factors[level] * data


def minimum_members(level: int, profile: Profile) -> int:
    """Return the fewest members of a level."""
    return release_of(profile).raid10_minimum if level == 10 else _MINIMUM[level]


def make_array(request: RaidRequest, store: Store, profile: Profile) -> None:
    """Carry out one ``raid`` line.

    Raises:
        Stop: The installer refuses it.
    """
    name = array_name(profile, request.device or "")
    if any(one.name == name for one in store.arrays):
        raise Stop(f'The RAID volume name "{name}" is already in use.', request.line)
    wanted = _format(request, profile)
    prefix = member_prefix(request.mount)
    mount = request.mount if prefix is None and request.mount not in ("swap", "None") else ""
    if request.useexisting:
        store.notes.append((f"The array {name} is taken as it is; its members are not known here.", request.line))
        store.free_mount(mount)
        store.arrays.append(Array(name, request.level or 0, (), 0, 0, mount, wanted, request.line, kept=True))
        _offer(request, store, name, 0, wanted)
        return
    members = [_member(one, store, request.line) for one in request.members]
    level = request.level
    if level not in _MINIMUM:
        raise Stop(f"invalid raid level descriptor {request.level_text or level}", request.line)
    needed = minimum_members(level, profile)
    active = len(members) - max(request.spares, 0)
    if active < needed:
        raise Stop(f"RAID level raid{level} requires that device have at least {needed} members.", request.line)
    if request.spares and level == 0:
        raise Stop("RAID level raid0 does not support spares.", request.line)
    chunk = (request.chunksize_kib or 0) * 1024 or _CHUNK
    size = usable_bytes(level, min(one.size_bytes for one in members), active, chunk)
    store.free_mount(mount)
    for one in members:
        store.used[one.name] = name
    devices = tuple(one.device for one in members)
    store.arrays.append(
        Array(
            name,
            level,
            devices,
            size,
            request.spares,
            mount,
            wanted,
            request.line,
            0 if level == 1 else chunk,
            request.encrypted,
        )
    )
    _offer(request, store, name, size, wanted)


def _offer(request: RaidRequest, store: Store, name: str, size: int, wanted: Format) -> None:
    """An array that is itself a member (``raid pv.01``) can be used by a later line."""
    if member_prefix(request.mount) is None:
        return
    if request.mount in store.raw_members:
        raise Stop(f'PV partition "{request.mount}" is defined multiple times.', request.line)
    store.raw_members[request.mount] = Member(request.mount, name, wanted.type, size, True, request.line)


def _member(name: str, store: Store, line: int) -> Member:
    found = store.raw_members.get(name)
    if found is None or (found.line is not None and found.line > line and found.on_array):
        raise Stop(f'Tried to use undefined partition "{name}" in RAID specification.', line)
    if found.format != "mdmember":
        raise Stop(f'RAID device "{name}" has format "{found.format}", but should have format "mdmember".', line)
    return found


def _format(request: RaidRequest, profile: Profile) -> Format:
    prefix = member_prefix(request.mount)
    if prefix is not None:
        name = {"pv.": "lvmpv", "btrfs.": "btrfs"}.get(prefix, "mdmember")
    elif request.mount == "swap":
        name = "swap"
    elif request.mount == "/boot/efi":
        name = "efi"
    else:
        name = request.fstype or profile.default_fstype or release_of(profile).fstype
    return needed_format(name, request.line)
