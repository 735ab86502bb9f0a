"""``reqpart`` and ``autopart``: the requests the installer adds by itself.

Source: Anaconda's default partitioning of RHEL (``/``, ``/home``, ``swap``, ``/boot`` and what the firmware needs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from partition_editor.disks import MIB_SECTORS, Firmware, Profile
from partition_editor.planner.board import Board
from partition_editor.planner.refusing import Stop
from partition_editor.planner.sizes import recommended_swap_mib
from partition_editor.requests import AutoPartRequest, LogVolRequest, PartRequest, Request, Spec, VolGroupRequest

_GIB = 1024
_ROOT_MIB, _ROOT_MOST_MIB = _GIB, 70 * _GIB
_HOME_MIB, _HOME_NEEDS_MIB = 512, 50 * _GIB
_OLD_ESP = ("RHEL7", "RHEL8", "RHEL9")


def with_automatic(spec: Spec, boards: Sequence[Board], boot: Board | None, profile: Profile) -> Spec:
    """Return the text's requests with those of ``reqpart`` and ``autopart`` in front of them.

    Raises:
        Stop: ``autopart`` stands beside lines it cannot be combined with.
    """
    added: list[Request] = []
    if spec.reqpart is not None:
        added += _firmware_parts(spec.reqpart.line, boot, profile)
        if spec.reqpart.add_boot:
            added.append(_boot_part(spec.reqpart.line, profile))
    if spec.autopart is not None:
        if spec.requests:
            raise Stop(
                "The autopart and part commands can't be used at the same time", spec.autopart.line, stage="parse"
            )
        added += _automatic(spec.autopart, boards, boot, profile)
    return replace(spec, requests=(*added, *spec.requests)) if added else spec


def _firmware_parts(line: int, boot: Board | None, profile: Profile) -> list[Request]:
    if profile.firmware is Firmware.UEFI:
        size = 200 if profile.release in _OLD_ESP else 500
        return [PartRequest(line, "/boot/efi", size, grow=True, maxsize_mib=600, fstype="efi")]
    if profile.arch.startswith("ppc"):
        return [PartRequest(line, "prepboot", 4, fstype="prepboot")]
    if boot is not None and boot.label == "gpt":
        return [PartRequest(line, "biosboot", 1, fstype="biosboot")]
    return []


def _boot_part(line: int, profile: Profile) -> PartRequest:
    return PartRequest(line, "/boot", _GIB if profile.release in _OLD_ESP else 2 * _GIB)


def _automatic(
    request: AutoPartRequest, boards: Sequence[Board], boot: Board | None, profile: Profile
) -> list[Request]:
    line = request.line
    parts = _firmware_parts(line, boot, profile)
    if not request.noboot:
        parts.append(_boot_part(line, profile))
    free = sum(chunk.end - chunk.start + 1 for board in boards for chunk in board.chunks) // MIB_SECTORS
    home = not request.nohome and free >= _HOME_NEEDS_MIB
    swap = 0 if request.noswap else recommended_swap_mib(profile.ram_mib, boards)
    most = _ROOT_MOST_MIB if home else None
    if request.scheme in ("plain", "btrfs"):
        fstype = "btrfs" if request.scheme == "btrfs" else request.fstype
        parts.append(PartRequest(line, "/", _ROOT_MIB, grow=True, maxsize_mib=most, fstype=fstype))
        if home:
            parts.append(PartRequest(line, "/home", _HOME_MIB, grow=True, fstype=fstype))
        if swap:
            parts.append(PartRequest(line, "swap", swap))
        return parts
    return parts + _on_lvm(request, boards, swap, most, home=home)


def _on_lvm(
    request: AutoPartRequest, boards: Sequence[Board], swap: int, most: int | None, *, home: bool
) -> list[Request]:
    line, group = request.line, "rhel"
    found: list[Request] = []
    members = []
    for number, board in enumerate((one for one in boards if one.label is not None), start=1):
        members.append(f"pv.auto{number}")
        found.append(PartRequest(line, members[-1], 500, grow=True, disk=board.disk.name))
    found.append(VolGroupRequest(line, group, tuple(members)))
    thin = request.scheme == "thinp"
    pool = "pool00" if thin else None
    if swap:
        found.append(LogVolRequest(line, "swap", group, "swap", swap))
    if thin:
        found.append(LogVolRequest(line, "none", group, pool, _ROOT_MIB + _HOME_MIB, grow=True, thinpool=True))
    found.append(
        LogVolRequest(
            line,
            "/",
            group,
            "root",
            _ROOT_MIB,
            grow=True,
            maxsize_mib=most,
            fstype=request.fstype,
            thin=thin,
            poolname=pool,
        )
    )
    if home:
        found.append(
            LogVolRequest(
                line, "/home", group, "home", _HOME_MIB, grow=True, fstype=request.fstype, thin=thin, poolname=pool
            )
        )
    return found
