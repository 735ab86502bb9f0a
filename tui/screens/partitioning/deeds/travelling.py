"""Back and forth through the history, out into the file, out of the editor."""

from __future__ import annotations

from core.outcome import Refused
from tui.render.lines import Role
from tui.screens.ask import AskScreen
from tui.screens.partitioning.deeds.desk import Desk
from tui.screens.partitioning.states import StatesScreen
from tui.screens.partitioning.writing import diff_lines, write


class Travelling(Desk):
    """Back and forth through the history, out into the file, out of the editor."""

    async def do_undo(self) -> None:
        """One step back."""
        label = self._screen.session.history.undo_label
        state = self._screen.session.undo()
        if state is None:
            self._screen.say("there is nothing to undo", Role.DIM)
        else:
            self._screen.show_text(state.cursor)
            self._screen.say(f"took back: {label}", Role.DIM)

    async def do_redo(self) -> None:
        """One step forward again."""
        state = self._screen.session.redo()
        if state is None:
            self._screen.say("there is nothing to do again", Role.DIM)
        else:
            self._screen.show_text(state.cursor)
            self._screen.say(f"did again: {state.label}", Role.DIM)

    async def do_states(self) -> None:
        """The named states."""
        name = await self.ask(StatesScreen(self._screen.session))
        if name:
            self.jump(name)

    def jump(self, name: str) -> None:
        """Go to a named state."""
        state = self._screen.session.jump(name)
        if isinstance(state, Refused):
            self._screen.say(state.reason)
        else:
            self._screen.show_text(state.cursor)
            self._screen.say(f"back to {name}", Role.DIM)

    async def do_reset(self) -> None:
        """The text as it was opened."""
        state = self._screen.session.reset()
        self._screen.show_text(state.cursor)
        self._screen.say("as it was opened; u takes it back", Role.DIM)

    async def do_diff(self) -> None:
        """What writing would change."""
        await self.show_lines("Difference to the file", diff_lines(self._screen.session.diff()))

    async def do_write(self) -> None:
        """Write the text."""
        await write(self._screen)

    async def do_quit(self) -> None:
        """Leave; what is not written is asked about."""
        screen = self._screen
        if screen.focused is screen.source:
            screen.focused_part(screen.table)
            return
        if not screen.session.is_saved and not screen.read_only:
            lines = [f"{screen.session.name} is not written.", "w writes it; y leaves it as it was."]
            if not await self.ask(AskScreen("Leave without writing?", lines, yes="Leave")):
                return
        screen.session.close()
        screen.leave()
