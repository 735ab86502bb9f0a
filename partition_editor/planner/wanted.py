"""A partition request with its defaults filled in, and what became of it. Sizes in sectors of 512 bytes."""

from __future__ import annotations

from dataclasses import dataclass, field

from partition_editor.planner.formats import Format

BOOT_WEIGHT = 1000
"""A request heavier than this is a boot request: first fit, from the boot disk on."""


@dataclass(slots=True, eq=False)
class Wanted:
    """One partition to be made.

    Attributes:
        req: Its name in the answers: ``req0``, ``raid.01``, ``pv.1``.
        mount: Mount point; empty for swap, members and boot areas.
        limit: ``--maxsize``; None without.
        weight: Boot requests go before all others, heaviest first.
        second_stage: The boot loader reads its second stage from here and must find it below 2 TiB.
        start, end: First and last sector; meaningful once `kind` is set.
    """

    req: str
    line: int
    mount: str
    format: Format
    size: int
    asked_mib: int
    grow: bool = False
    limit: int | None = None
    disk: str | None = None
    primary: bool = False
    weight: int = 0
    second_stage: bool = False
    kind: str = ""
    start: int = 0
    end: int = 0
    number: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def boot(self) -> bool:
        """Placed at the first fit, and must end where the firmware can read it."""
        return self.weight > BOOT_WEIGHT

    @property
    def length(self) -> int:
        """Sectors it got."""
        return self.end - self.start + 1

    @property
    def shown(self) -> str:
        """What to call it in a sentence."""
        return self.mount or (self.format.type if self.req.startswith("req") else self.req)
