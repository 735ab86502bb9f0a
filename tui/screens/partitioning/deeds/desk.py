"""What every deed needs: the session, what the cursor is on, dialogs. Runs on the screen's thread, in a worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from core.outcome import Refused
from partition_editor.actions import Action, Kind, Selection, verdict
from partition_editor.picture import Picture
from tui.screens.output import OutputScreen
from tui.screens.partitioning.form import ChangeForm
from tui.widgets.lines import Line

if TYPE_CHECKING:
    from tui.screens.partitioning.editor import PartitionScreen

Answer = TypeVar("Answer")


class Desk:
    """The editor, as its deeds see it."""

    def __init__(self, screen: PartitionScreen) -> None:
        self._screen = screen

    async def ask(self, dialog: Screen[Answer]) -> Answer | None:
        """Open a dialog and wait for its result."""
        return await self._screen.app.push_screen_wait(dialog)

    @property
    def picture(self) -> Picture:
        """The present text, worked out."""
        return self._screen.session.picture

    @property
    def selection(self) -> Selection:
        """What the cursor is on; the first drive when it is on a heading."""
        row = self._screen.row
        if row is not None and row.selection is not None:
            return row.selection
        disks = self.picture.layout.disks
        return Selection(Kind.DISK, disks[0].name if disks else "")

    def refusal(self, action: Action) -> str:
        """Why something cannot be done here; empty when it can."""
        said = verdict(action, self.selection, self.picture.subject)
        return said.reason if isinstance(said, Refused) else ""

    async def fill_in(self, form: ChangeForm | None) -> None:
        """Open a form and make the change it leads to; None stands for a line that has no form."""
        if form is None:
            self._screen.say("There is no form for this line; change it in the source (Tab).")
            return
        change = await self.ask(form)
        if change is not None:
            self._screen.take(change)

    async def show_lines(self, title: str, lines: Sequence[Line]) -> None:
        """Some text to read."""
        await self.ask(OutputScreen(title, list(lines)))
