"""Where the details pane gets the texts that are not in the snapshot."""

from __future__ import annotations

from functools import partial

from core.inventory.snapshot import VmKey
from tui.background import in_background
from tui.fleet import Fleet
from tui.render.clock import Clock
from tui.widgets.details import Loaders

_LOG_ROWS = 500


def make_loaders(fleet: Fleet, clock: Clock) -> Loaders:
    """Loaders that ask a fleet, off the screen's thread; they raise QuarryError."""

    async def xml(key: VmKey) -> str:
        return await in_background(partial(fleet.domain_xml, key), "xml")

    async def log(name: str) -> list[str]:
        rows = await in_background(partial(fleet.log, _LOG_ROWS), "log")
        return [
            f"{clock.time_of_day(row.at.timestamp())}  {row.who}  {row.what}  {row.result} {row.detail}".rstrip()
            for row in rows
            if name in row.target.replace(",", " ").split()
        ]

    return Loaders(xml, log)
