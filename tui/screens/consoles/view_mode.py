"""The keys of view mode that work on one console: looking back, searching, copying, keeping, taking over."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from core.console.line import SessionState
from core.errors import QuarryError
from tui.background import in_background
from tui.render.text import clean
from tui.screens.consoles.search import ScrollbackSearch
from tui.widgets.console import ConsolePane
from tui.widgets.line_input import LineInput

_PAN = 8
_EVERYTHING = 10_000_000
"""More lines than any scrollback has."""


class ViewModeScreen(Screen[None]):
    """A screen on which one console is the current one."""

    DEFAULT_CSS = """
    ViewModeScreen #search { height: 1; border: none; padding: 0 1; display: none; }
    ViewModeScreen.-searching #search { display: block; }
    """

    def __init__(self, folder: Callable[[], Path], *, read_only: bool) -> None:
        """An empty screen.

        Args:
            folder: Where logs and recordings go.
            read_only: Nothing is typed to any guest.
        """
        super().__init__()
        self.read_only = read_only
        self._folder = folder
        self._search = ScrollbackSearch()
        self.pane: ConsolePane | None = None
        """The console that the keys work on."""

    def compose(self) -> ComposeResult:
        """The search line, which hides."""
        yield LineInput(placeholder="search", id="search")

    def action_type(self) -> None:
        """Type again; a console that is closed or failed is tried at once."""
        if pane := self.pane:
            if pane.session.status.state is not SessionState.OPEN:
                pane.session.reattach()
            pane.attached = True

    def action_take_over(self) -> None:
        """Push out whoever has the console."""
        if pane := self.pane:
            if self.read_only:
                self.app.notify("This Quarry is read-only.", severity="warning", markup=False)
                return
            if pane.session.status.state is not SessionState.BUSY:
                self.app.notify("nobody else has this console", markup=False)
                return
            pane.session.reattach(take_over=True)
            pane.attached = True

    @property
    def is_searching(self) -> bool:
        """The search line is open."""
        return self.has_class("-searching")

    def action_search(self) -> None:
        """Open the search line."""
        self.add_class("-searching")
        self.set_focus(self.query_one("#search", Input))

    def end_search(self) -> None:
        """Close the search line."""
        self.remove_class("-searching")
        self.set_focus(self.pane)

    @on(Input.Submitted, "#search")
    def _begin_search(self, event: Input.Submitted) -> None:
        self.end_search()
        if pane := self.pane:
            pane.attached = False
        if event.value:
            self._search.begin(event.value)
            self._find(-1)

    def action_next_match(self) -> None:
        """Towards newer output."""
        self._find(1)

    def action_previous_match(self) -> None:
        """Towards older output."""
        self._find(-1)

    def _find(self, direction: int) -> None:
        pane = self.pane
        if pane is None or not self._search.is_on:
            return
        place = self._search.step(pane.session.contents(), direction)
        if place is None:
            self.app.notify("not found", markup=False)
        else:
            pane.show_line(place.line, place.cell, place.cells)

    def action_copy(self) -> None:
        """What the mouse selected, else what the pane shows, to the operator's clipboard."""
        selected = self.get_selected_text()
        if selected:
            self.app.copy_to_clipboard(selected)
            self.clear_selection()
            self.app.notify("copied the selection", markup=False)
        elif pane := self.pane:
            self.app.copy_to_clipboard(pane.shown_text())
            self.app.notify("copied what the pane shows", markup=False)

    async def action_log(self) -> None:
        """Start or stop the log file."""
        if pane := self.pane:
            session = pane.session
            path = None if session.keeper.log_path else self._folder() / f"{file_name(session.name)}.log"
            await self._keep(lambda: session.keeper.log_to(path), f"logging to {path}" if path else "log closed")
            pane.retitle()

    async def action_record(self) -> None:
        """Start or stop a cast."""
        if pane := self.pane:
            session = pane.session
            path = None if session.keeper.is_recording else self._folder() / f"{file_name(session.name)}.cast"
            await self._keep(
                lambda: session.keeper.record_to(path), f"recording to {path}" if path else "recording closed"
            )
            pane.retitle()

    async def _keep(self, work: Callable[[], None], done: str) -> None:
        try:
            await in_background(work)
        except QuarryError as error:
            self.app.notify(clean(error.sentence), severity="error", markup=False)
        else:
            self.app.notify(clean(done), markup=False)

    def action_line_up(self) -> None:
        """A line back."""
        self._scroll(-1)

    def action_line_down(self) -> None:
        """A line forward."""
        self._scroll(1)

    def action_page_up(self) -> None:
        """A page back."""
        if pane := self.pane:
            pane.look(-1)

    def action_page_down(self) -> None:
        """A page forward."""
        if pane := self.pane:
            pane.look(1)

    def action_first(self) -> None:
        """The oldest line kept."""
        self._scroll(-_EVERYTHING)

    def action_last(self) -> None:
        """The live screen."""
        if pane := self.pane:
            pane.follow()

    def action_pan_left(self) -> None:
        """Look further left on a terminal wider than the pane."""
        if pane := self.pane:
            pane.pan(-_PAN)

    def action_pan_right(self) -> None:
        """Look further right."""
        if pane := self.pane:
            pane.pan(_PAN)

    def _scroll(self, lines: int) -> None:
        if pane := self.pane:
            pane.scroll_lines(lines)


def file_name(machine: str) -> str:
    """A machine's name as a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", machine).lstrip(".") or "console"
