"""What the editor's keys and command words do. One method a deed: ``previous-disk`` is `do_previous_disk`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tui.screens.partitioning.deeds.adjusting import Adjusting
from tui.screens.partitioning.deeds.desk import Desk
from tui.screens.partitioning.deeds.looking import Looking
from tui.screens.partitioning.deeds.making import Making
from tui.screens.partitioning.deeds.recovering import Recovering
from tui.screens.partitioning.deeds.travelling import Travelling

if TYPE_CHECKING:
    from tui.screens.partitioning.editor import PartitionScreen

__all__ = ["Deeds"]


class Deeds(Desk):
    """Carries out what `PartitionScreen` is asked for.

    Attributes:
        travelling: For words of the command bar that name a state.
    """

    def __init__(self, screen: PartitionScreen) -> None:
        super().__init__(screen)
        self.travelling = Travelling(screen)
        self._groups = (Making(screen), Adjusting(screen), self.travelling, Looking(screen))
        self._recovering = Recovering(screen)

    async def begin(self) -> None:
        """What comes before the first key."""
        await self._recovering.begin()

    async def do(self, name: str) -> None:
        """Carry a deed of the table out."""
        word = f"do_{name.replace('-', '_')}"
        method: Callable[[], Awaitable[None]] = next(
            getattr(group, word) for group in self._groups if hasattr(group, word)
        )
        await method()
