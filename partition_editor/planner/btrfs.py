"""btrfs volumes from ``btrfs`` lines (RHEL 7 and Fedora)."""

from __future__ import annotations

from partition_editor.disks import Profile
from partition_editor.planner.formats import FORMATS
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import release_of
from partition_editor.planner.store import Group, Store, Volume
from partition_editor.requests import BtrfsRequest


def make_btrfs(request: BtrfsRequest, store: Store, profile: Profile) -> None:
    """Carry out one ``btrfs`` line: a volume over its members, or a subvolume that takes no room of its own.

    Raises:
        Stop: The installer refuses it.
    """
    if not release_of(profile).has_btrfs:
        raise Stop("BTRFS support is not available.", request.line)
    mount = request.mount if request.mount.startswith("/") else ""
    label = request.name or request.label or request.mount.strip("/") or "btrfs"
    size = 0
    for name in request.members:
        found = store.raw_members.get(name)
        if found is None and not request.subvol:
            raise Stop(f'Tried to use undefined partition "{name}" in BTRFS volume specification.', request.line)
        if found is not None:
            if found.format != "btrfs":
                raise Stop(
                    f'BTRFS partition "{name}" has a format of "{found.format}", '
                    'but should have a format of "btrfs".',
                    request.line,
                )
            store.used[name] = label
            size += found.size_bytes
    if not request.members:
        raise Stop("BTRFS volume defined without any member devices.", request.line)
    store.free_mount(mount)
    group = store.group("btrfs") or Group("btrfs", 1024 * 1024, 0, (), request.line, kept=True)
    if group not in store.groups:
        store.groups.append(group)
    kind = "btrfssubvol" if request.subvol else "btrfsvol"
    group.volumes.append(
        Volume(label, group, mount, FORMATS["btrfs"], size, kind, request.line, kept=True, why="Shares its members.")
    )
