"""Choosing a container for VMs, before a plan or instead of the one it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.inventory.snapshot import VmKey
from tui.actions.offers import find_targets
from tui.screens.pick_container import PickContainerScreen, choices
from tui.text import count

if TYPE_CHECKING:
    from tui.actions.lifecycle import Stage
    from tui.fleet import Fleet


async def pick_container(stage: Stage, fleet: Fleet, keys: Sequence[VmKey]) -> str | None:
    """Ask where these VMs are to go; None when the operator left, or there is nothing to choose."""
    snapshot = fleet.snapshot()
    vms = [vm for vm, _ in find_targets(snapshot, keys)]
    if not vms:
        stage.say("No VM here: move to one, or mark some with Space.", severity="warning")
        return None
    found = choices(snapshot, vms)
    if not found:
        stage.say("There is no other container to move to.", severity="warning")
        return None
    what = vms[0].name if len(vms) == 1 else count(len(vms), "VM")
    return await stage.ask(PickContainerScreen(f"Move {what} to…", found))
