"""RHEL 5's ``autopart``: ``/boot`` and a volume group of the rest; what the text asks for itself stays out of it.

Source: anaconda 11.1's default requests. Sizes in MiB.
"""

from __future__ import annotations

from dataclasses import replace

from partition_editor.disks import Profile
from partition_editor.planner.rhel5.growing import swap_suggestion_mib
from partition_editor.requests import LogVolRequest, PartRequest, Request, Spec, VolGroupRequest

_BOOT_MIB = 100
_ROOT_MIB = 1024
_MEMBER = "pv.auto"
_GROUP = "VolGroup00"


def with_automatic(spec: Spec, profile: Profile) -> Spec:
    """Return the text's requests with those of ``autopart`` behind them."""
    if spec.autopart is None:
        return spec
    line = spec.autopart.line
    taken = {one.mount for one in spec.requests if not isinstance(one, VolGroupRequest)}
    added: list[Request] = []
    if "/boot" not in taken:
        added.append(PartRequest(line, "/boot", _BOOT_MIB, fstype="ext3"))
    volumes = []
    if "/" not in taken:
        volumes.append(LogVolRequest(line, "/", _GROUP, "LogVol00", _ROOT_MIB, grow=True, fstype="ext3"))
    if "swap" not in taken:
        least, most = swap_suggestion_mib(profile.ram_mib)
        volumes.append(LogVolRequest(line, "swap", _GROUP, "LogVol01", least, grow=True, maxsize_mib=most))
    if volumes:
        added += [PartRequest(line, _MEMBER, 1, grow=True), VolGroupRequest(line, _GROUP, (_MEMBER,)), *volumes]
    return replace(spec, requests=(*spec.requests, *added))
