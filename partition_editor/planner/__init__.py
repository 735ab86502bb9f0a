"""The planner: what the installer would make of a text on a node's disks, without asking the installer.

Pure and deterministic, sizes are integers; any thread may call it. RHEL 5 has its own algorithm (`rhel5`), RHEL 6 and
later share another (`modern`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from partition_editor.disks import Disk, Profile
from partition_editor.layout import Layout, PlanRefusal
from partition_editor.planner.modern import plan_modern
from partition_editor.planner.refusing import Stop
from partition_editor.planner.release import lays_out_cylinders
from partition_editor.planner.rhel5 import plan_rhel5
from partition_editor.requests import RaidRequest, Spec

__all__ = ["plan"]


def plan(spec: Spec, disks: Sequence[Disk], profile: Profile) -> Layout | PlanRefusal:
    """Return the layout a node would get, or what its installer would stop on.

    Args:
        spec: The text's requests, from `partition_editor.document.reading.read_spec`.
        disks: The node's disks as they are, each name once.
        profile: Release and firmware.
    """
    names = [disk.name for disk in disks]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        return PlanRefusal("disks", f'The disk "{twice}" is listed twice.', disk=twice)
    if profile.rocks is not None:
        spec = _as_rocks_writes(spec)
    try:
        if lays_out_cylinders(profile.release):
            return plan_rhel5(spec, disks, profile)
        return plan_modern(spec, disks, profile)
    except Stop as stop:
        return stop.refusal


def _as_rocks_writes(spec: Spec) -> Spec:
    """Rocks hands every ``raid`` line to the installer last; where lines are read in order that matters."""
    raids = [one for one in spec.requests if isinstance(one, RaidRequest)]
    others = [one for one in spec.requests if not isinstance(one, RaidRequest)]
    return replace(spec, requests=(*others, *raids))
