"""What an earlier session left behind when it was cut off."""

from __future__ import annotations

from core.errors import PartitionError
from tui.render.lines import Role
from tui.screens.choice import ChoiceScreen
from tui.screens.partitioning.deeds.desk import Desk
from tui.text import count


class Recovering(Desk):
    """What an earlier session left behind when it was cut off."""

    async def begin(self) -> None:
        """Offer what a session that was cut off left behind, then begin a journal; drives are asked for."""
        screen = self._screen
        if screen.journals is not None:
            await self._recover()
        if not screen.session.disks:
            screen.say("No drives are known: type :disks hda=80G, or :disks two disks of 80 GB, hda and hdb")

    async def _recover(self) -> None:
        screen, session = self._screen, self._screen.session
        folder = screen.journals
        if folder is None:
            return
        for lost in session.lost(folder):
            choices = {
                "r": f"Recover {count(lost.edits, 'step')} not written",
                "d": "Discard them",
                "l": "Leave them for later",
            }
            answer = await self.ask(
                ChoiceScreen(f"{session.name} was being edited when its session was cut", choices)
            )
            try:
                if answer == "r":
                    session.recover(lost)
                    screen.show_text(session.history.state.cursor)
                    screen.say(f"recovered; u takes back: {session.history.undo_label}", Role.DIM)
                    return
                if answer == "d":
                    lost.path.unlink(missing_ok=True)
            except (PartitionError, OSError) as error:
                screen.say(str(error))
        try:
            session.begin_journal(folder)
        except PartitionError as error:
            screen.say(error.sentence)
