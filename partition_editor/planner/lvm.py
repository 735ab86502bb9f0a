"""Volume groups and logical volumes from ``volgroup`` and ``logvol`` lines (RHEL 6 and later). Sizes in bytes.

Sources: Anaconda's execution of the two commands, blivet's volume group and its sharing of free extents.
"""

from __future__ import annotations

from functools import cmp_to_key

from partition_editor.disks import Profile
from partition_editor.planner.formats import Format, needed_format, shown_size
from partition_editor.planner.growing import Grower, share_out
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import release_of
from partition_editor.planner.sizes import recommended_swap_mib
from partition_editor.planner.store import Group, Member, Store, Volume
from partition_editor.planner.thin import grow_thin, metadata_bytes, settle_pools
from partition_editor.requests import LogVolRequest, VolGroupRequest

MIB = 1024 * 1024
_KIB = 1024
_LARGEST_PE_KIB = 16 * 1024 * 1024
_PERCENT_START = 2 * MIB
_TOO_LARGE = "new lv is too large to fit in free space"


def make_group(request: VolGroupRequest, store: Store, profile: Profile) -> None:
    """Carry out one ``volgroup`` line.

    Raises:
        Stop: The installer refuses it.
    """
    if store.group(request.name) is not None:
        raise Stop(f'The volume group name "{request.name}" is already in use.', request.line)
    pe_kib = request.pesize_kib or release_of(profile).pe_kib
    if pe_kib < 1 or pe_kib & (pe_kib - 1) or pe_kib > _LARGEST_PE_KIB:
        allowed = ",".join(shown_size(_KIB * 2**power) for power in range(25))
        raise Stop(
            f'Volume group given physical extent size of "{shown_size(pe_kib * _KIB)}", '
            f"but must be one of:\n{allowed}.",
            request.line,
        )
    pe = pe_kib * _KIB
    if request.useexisting or request.noformat:
        store.notes.append((f"The volume group {request.name} is taken as it is.", request.line))
        store.groups.append(Group(request.name, pe, 0, (), request.line, kept=True))
        return
    if not request.members:
        raise Stop(
            f'Volume group "{request.name}" defined without any physical volumes. '
            "Either specify physical volumes or use --useexisting.",
            request.line,
        )
    members = [_physical_volume(name, request, store) for name in request.members]
    extents = sum(max(one.size_bytes - (2 if one.on_array else 1) * MIB, 0) // pe for one in members)
    reserved = -(-(request.reserved_space_mib or 0) * MIB // pe)
    if request.reserved_percent:
        reserved = -(-extents * request.reserved_percent // 100)
    for one in members:
        store.used[one.name] = request.name
    devices = tuple(one.device for one in members)
    store.groups.append(Group(request.name, pe, extents, devices, request.line, reserved))


def _physical_volume(name: str, request: VolGroupRequest, store: Store) -> Member:
    found = store.raw_members.get(name)
    if found is None:
        raise Stop(f'Tried to use undefined partition "{name}" in Volume Group specification', request.line)
    if found.format != "lvmpv":
        raise Stop(
            f'Physical volume "{name}" has format "{found.format}", but should have format "lvmpv".', request.line
        )
    if name in store.used or request.members.count(name) > 1:
        raise Stop(f'Physical volume "{name}" is already used.', request.line)
    return found


def make_volume(request: LogVolRequest, store: Store, profile: Profile) -> None:
    """Carry out one ``logvol`` line.

    Raises:
        Stop: The installer refuses it.
    """
    group = store.group(request.vgname)
    if group is None:
        raise Stop(
            f'No volume group exists with the name "{request.vgname}". Specify volume groups before logical volumes.',
            request.line,
        )
    name = request.name or _default_name(request)
    if any(one.name == name for one in group.volumes):
        raise Stop(f'Logical volume name "{name}" is already in use in volume group "{group.name}".', request.line)
    pool = _pool(request, group)
    kind = "lvmthinpool" if request.thinpool else "lvmthinlv" if request.thin else "lvmlv"
    wanted = None if request.thinpool else _format(request, profile)
    mount = "" if wanted is None or not wanted.mountable or request.mount in ("none", "None") else request.mount
    asked = _asked_mib(request, store, profile) * MIB
    kept = group.kept or request.useexisting or (request.noformat and not asked)
    if not (request.percent or request.grow or kept) and asked < group.pe_bytes:
        raise Stop(
            f'Logical volume size "{shown_size(asked)}" must be larger than the volume group extent size '
            f'of "{shown_size(group.pe_bytes)}".',
            request.line,
        )
    size = _PERCENT_START if request.percent else asked
    if wanted is not None and wanted.min_mib is not None:
        size = max(size, int(wanted.min_mib * MIB))
    volume = Volume(
        name,
        group,
        mount,
        wanted,
        size,
        kind,
        request.line,
        grow=request.grow and not kept,
        limit_bytes=request.maxsize_mib * MIB if request.maxsize_mib else None,
        percent=request.percent,
        pool=pool,
        chunk_kib=request.chunksize_kib,
        cache_bytes=(request.cachesize_mib or 0) * MIB,
        kept=kept,
    )
    if request.thinpool and not kept:
        given = request.metadatasize_mib
        volume.metadata_bytes = given * MIB if given else metadata_bytes(size, request.chunksize_kib)
    if not kept and volume.extents > group.usable_extents:
        short = (volume.extents - group.usable_extents) * group.pe_bytes
        raise Stop(_TOO_LARGE, request.line, short_mib=-(-short // MIB))
    store.free_mount(mount)
    group.volumes.append(volume)


def _pool(request: LogVolRequest, group: Group) -> Volume | None:
    if not request.thin:
        return None
    for one in group.volumes:
        if one.name == request.poolname and one.kind == "lvmthinpool":
            return one
    raise Stop(f'No thin pool exists with the name "{request.poolname}".', request.line)


def _default_name(request: LogVolRequest) -> str:
    if request.mount == "/":
        return "root"
    return request.mount.strip("/").replace("/", "_") or f"lv{request.line}"


def _asked_mib(request: LogVolRequest, store: Store, profile: Profile) -> int:
    if request.mount == "swap" and (request.recommended or request.hibernation):
        return recommended_swap_mib(profile.ram_mib, store.boards, hibernation=request.hibernation)
    return request.size_mib or 0


def _format(request: LogVolRequest, profile: Profile) -> Format:
    if request.mount == "swap":
        name = "swap"
    else:
        name = request.fstype or profile.default_fstype or release_of(profile).fstype
    return needed_format(name, request.line)


def grow_groups(store: Store) -> None:
    """Give growing and percentage volumes the extents that are left.

    Raises:
        Stop: More than 100 percent of a group were asked for.
    """
    for group in store.groups:
        if group.kept:
            continue
        settle_pools(group)
        _take_percentages(group)
        _grow_group(group)
        grow_thin(group)


def _take_percentages(group: Group) -> None:
    asking = [one for one in group.volumes if one.percent and one.kind != "lvmthinlv"]
    total = sum(one.percent or 0 for one in asking)
    if total > 100:
        raise Stop("sum of percentages within a vg cannot exceed 100", asking[-1].line)
    basis = group.usable_extents + sum(one.size_bytes // group.pe_bytes for one in asking)
    for one in asking:
        one.size_bytes = basis * (one.percent or 0) // 100 * group.pe_bytes
        one.why = f"{one.percent} % of {basis} extents"


def _grow_group(group: Group) -> None:
    order = sorted((one for one in group.volumes if one.kind != "lvmthinlv"), key=cmp_to_key(_compare))
    if not any(one.grow for one in order) or group.usable_extents <= 0:
        return
    growers = [_grower(one) for one in order]
    share_out(growers, group.usable_extents)
    for one, grower in zip(order, growers, strict=True):
        if one.grow:
            gained = grower.growth * group.pe_bytes // MIB
            one.size_bytes = (grower.base + grower.growth) * group.pe_bytes
            one.why = f"grew by {gained} MiB"


def _grower(one: Volume) -> Grower:
    pe = one.group.pe_bytes
    base = -(-one.size_bytes // pe)
    limits = [] if one.limit_bytes is None else [one.limit_bytes]
    if one.format is not None and one.format.max_mib is not None:
        limits.append(one.format.max_mib * MIB)
    cap = min(limits) // pe - base if limits else None
    return Grower(base, not one.grow or (cap is not None and cap <= 0), cap)


def _compare(a: Volume, b: Volume) -> int:
    """Larger first, fixed before growing, unlimited growth before limited."""
    rank = -100 * ((a.size_bytes > b.size_bytes) - (a.size_bytes < b.size_bytes))
    rank += 50 * (a.grow - b.grow)
    if a.grow and b.grow:
        if (a.limit_bytes is None) != (b.limit_bytes is None):
            rank += -25 if a.limit_bytes is None else 25
        elif a.limit_bytes is not None and b.limit_bytes is not None:
            rank -= 25 * ((a.limit_bytes > b.limit_bytes) - (a.limit_bytes < b.limit_bytes))
    return rank
