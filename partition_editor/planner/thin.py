"""Thin pools: their metadata, and the volumes inside them (RHEL 6 and later). Sizes in bytes.

Sources: libblockdev's estimate of thin pool metadata, blivet's sharing of a pool.
"""

from __future__ import annotations

from partition_editor.planner.growing import Grower, share_out
from partition_editor.planner.store import Group, Volume

_KIB = 1024
_MIB = 1024 * _KIB
_GIB = 1024 * _MIB
_LEAST_METADATA = 2 * _MIB
_MOST_METADATA = 16 * _GIB - 96 * _MIB
_BYTES_PER_CHUNK = 64
_DEFAULT_CHUNK = 64 * _KIB


def metadata_bytes(pool_bytes: int, chunk_kib: int | None) -> int:
    """Return the metadata a pool of this size gets: 64 bytes per chunk, 2 MiB to 16 GiB."""
    chunk = chunk_kib * _KIB if chunk_kib else _DEFAULT_CHUNK
    needed = pool_bytes * _BYTES_PER_CHUNK // chunk
    return min(max(needed, _LEAST_METADATA), _MOST_METADATA)


def grow_thin(group: Group) -> None:
    """Give growing thin volumes what their pool has left."""
    for pool in [one for one in group.volumes if one.kind == "lvmthinpool"]:
        inside = [one for one in group.volumes if one.pool is pool]
        if any(one.grow or one.percent for one in inside):
            _grow_pool(pool, inside, group.pe_bytes)


def _grow_pool(pool: Volume, inside: list[Volume], pe: int) -> None:
    extents = pool.size_bytes // pe
    for one in inside:
        if one.percent:
            one.size_bytes = extents * one.percent // 100 * pe
    growers = []
    for one in inside:
        base = -(-one.size_bytes // pe)
        cap = None if one.limit_bytes is None else one.limit_bytes // pe - base
        growers.append(Grower(base, not one.grow or (cap is not None and cap <= 0), cap))
    free = extents - sum(one.base for one in growers)
    if free <= 0:
        return
    share_out(growers, free)
    for one, grower in zip(inside, growers, strict=True):
        if one.grow:
            one.size_bytes = (grower.base + grower.growth) * pe
            one.why = f"grew to {one.size_bytes // _MIB} MiB inside {pool.name}"


def settle_pools(group: Group) -> None:
    """Before growing: a pool is at least as large as the thin volumes promised in it, as far as its group allows."""
    for pool in [one for one in group.volumes if one.kind == "lvmthinpool"]:
        inside = sum(one.size_bytes for one in group.volumes if one.pool is pool)
        if pool.grow and inside > pool.size_bytes:
            room = pool.size_bytes + max(group.usable_extents, 0) * group.pe_bytes
            pool.size_bytes = min(inside, room)
