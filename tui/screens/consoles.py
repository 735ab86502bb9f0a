"""The consoles an operator has open, as tiles or one at a time. Installed in the app: stays alive behind the tree.

While a pane is attached every key but the escape goes to its guest. After the escape the keys of
`tui.actions.console_table` work on it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import ClassVar

from rich.cells import cell_len
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input, Static

from core.console.session import ConsoleSession, SessionState
from core.errors import QuarryError
from tui.actions.action import Context
from tui.actions.console_table import CONSOLE
from tui.actions.keymap import Keymap, key_name, make_keymap, show_key
from tui.background import in_background
from tui.render.text import clean
from tui.screens.ask import AskScreen
from tui.widgets.console import ConsolePane

_FULL_COLUMNS = 82
"""A tile this wide shows whole lines of an 80-column guest inside its border."""
_TILE_COLUMNS, _TILE_ROWS = 40, 8
"""A tile smaller than this is no use; only the current console is shown then."""
_PAN = 8


class ConsolesScreen(Screen[None]):
    """See the module."""

    CONTEXT = Context.CONSOLE
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            ",".join(key_name(key) for key in action.keys),
            action.id.removeprefix("console.").replace("-", "_"),
            action.label,
            show=False,
            id=action.id,
            tooltip=action.help,
        )
        for action in CONSOLE
    ]
    DEFAULT_CSS = """
    ConsolesScreen > #tabs { height: 1; background: $panel; padding: 0 1; }
    ConsolesScreen > #tiles { grid-size: 1; grid-gutter: 0; height: 1fr; }
    ConsolesScreen > #hint { height: 1; color: $text-muted; padding: 0 1; }
    ConsolesScreen > #search { height: 1; border: none; padding: 0 1; display: none; }
    ConsolesScreen.-searching > #search { display: block; }
    ConsolesScreen.-single ConsolePane, ConsolesScreen.-single ConsolePane:focus { border: none; }
    ConsolesScreen.-alone > #tabs { display: none; }
    """

    class Wanted(Message):
        """The operator wants an action that is the app's.

        Attributes:
            action_id: Its id in the action table.
        """

        def __init__(self, action_id: str) -> None:
            super().__init__()
            self.action_id = action_id

    def __init__(
        self,
        escape: str,
        folder: Callable[[], Path],
        *,
        released: Callable[[str], None] = lambda name: None,
        keymap: Keymap | None = None,
        ascii_only: bool = False,
        read_only: bool = False,
    ) -> None:
        """An empty screen.

        Args:
            escape: The settings' escape key, ``ctrl+]``.
            folder: Where logs and recordings go.
            released: Told the machine of every pane that was closed.
            keymap: Keys in force, for the hints; the table's own when not given.
            read_only: Nothing is typed to any guest.
        """
        super().__init__()
        self._escape = escape_key(escape)
        self._folder = folder
        self._released = released
        self._keys = keymap or make_keymap({})
        self._ascii = ascii_only
        self._read_only = read_only
        self._searched: ConsolePane | None = None
        self._zoomed = False
        self._broadcasting = False
        self._needle = ""
        self._match: tuple[int, int] = (-1, 0)

    def compose(self) -> ComposeResult:
        """Tabs, tiles, hint; the search line hides."""
        yield Static("", id="tabs", markup=False)
        yield Grid(id="tiles")
        yield Input(placeholder="search", id="search")
        yield Static("", id="hint", markup=False)

    @property
    def panes(self) -> list[ConsolePane]:
        """Every open console, in the order of opening."""
        return list(self.query(ConsolePane)) if self.is_mounted else []

    @property
    def pane(self) -> ConsolePane | None:
        """The console that has the keys."""
        focused = self.focused
        if isinstance(focused, ConsolePane):
            return focused
        panes = self.panes
        return panes[0] if panes else None

    async def open(self, *sessions: ConsoleSession) -> None:
        """Show consoles, each once, and type to the first of them."""
        tiles = self.query_one("#tiles", Grid)
        for session in sessions:
            if self._pane_of(session.name) is None:
                await tiles.mount(
                    ConsolePane(session, escape_key=self._escape, ascii_only=self._ascii, read_only=self._read_only)
                )
        first = self._pane_of(sessions[0].name) if sessions else None
        if first is not None:
            first.attached = True
            first.display = True
            first.focus()
        self._zoomed = self._zoomed and len(sessions) == 1
        self._arrange()

    def _pane_of(self, name: str) -> ConsolePane | None:
        return next((one for one in self.panes if one.session.name == name), None)

    def on_screen_resume(self) -> None:
        """Shown again: draw what happened meanwhile, and type where it was typed before."""
        for pane in self.panes:
            pane.wake()
        if self.pane and not isinstance(self.focused, ConsolePane):
            self.pane.focus()
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Another number of tiles may fit."""
        self._arrange()

    def on_descendant_focus(self) -> None:
        """The hint names who gets the typing."""
        self._arrange()

    def _arrange(self) -> None:
        panes, current = self.panes, self.pane
        grid = layout(len(panes), self.size.width, self.size.height - 2)
        shown = panes
        if self._zoomed or grid is None:
            shown, grid = ([current] if current else []), (1, 1)
        for pane in panes:
            pane.display = pane in shown
            pane.set_class(self._broadcasting and pane in shown, "-broadcast")
        self.set_class(len(shown) == 1, "-single")
        self.set_class(len(panes) < 2, "-alone")
        styles = self.query_one("#tiles", Grid).styles
        styles.grid_size_columns, styles.grid_size_rows = grid
        self._say()

    @on(ConsolePane.Retitled)
    def _say(self) -> None:
        """Draw the line of names and the line of hints."""
        current = self.pane
        self.query_one("#tabs", Static).update(Content(tab_line(self.panes, current, self.size.width - 2)))
        if current is None:
            hint = f"no console is open   {self._keys.shown('console.leave')} Leave"
        elif current.attached:
            to = "ALL CONSOLES SHOWN" if self._broadcasting else clean(current.session.name)
            hint = f"{show_escape(self._escape)} Detach   typing goes to {to}"
            if self.has_class("-single"):
                hint = "   ".join(part for part in (hint, current.title, current.notes) if part)
        else:
            rows = sorted((one for one in CONSOLE if one.footer is not None), key=lambda one: one.footer or 0)
            parts = [f"{self._keys.shown(one.id)} {one.label}" for one in rows if self._offered(one.id, current)]
            hint = "  ".join(["read-only" if self._read_only else "VIEW", *parts])
        self.query_one("#hint", Static).update(Content(hint))

    def _offered(self, action_id: str, pane: ConsolePane) -> bool:
        """Whether a key does something to this pane now."""
        several = len(self.panes) > 1
        busy = pane.session.status.state is SessionState.BUSY
        able = {
            "console.type": not self._read_only,
            "console.take-over": busy and not self._read_only,
            "console.next": several,
            "console.zoom": several,
            "console.broadcast": several and not self._read_only,
        }
        return able.get(action_id, True) and bool(self._keys.shown(action_id))

    def on_key(self, event: events.Key) -> None:
        """Attaching and detaching changes the hint."""
        self.call_later(self._say)

    @on(ConsolePane.Typed)
    def _broadcast(self, message: ConsolePane.Typed) -> None:
        message.stop()
        if self._broadcasting:
            for pane in self.panes:
                if pane is not message.pane and pane.display:
                    pane.session.send(message.data)

    def action_type(self) -> None:
        """Type again; a console that is closed or failed is tried at once."""
        if pane := self.pane:
            if pane.session.status.state is not SessionState.OPEN:
                pane.session.reattach()
            pane.attached = True
            self._say()

    def action_take_over(self) -> None:
        """Push out whoever has the console."""
        if pane := self.pane:
            if self._read_only:
                self.app.notify("This Quarry is read-only.", severity="warning", markup=False)
                return
            if pane.session.status.state is not SessionState.BUSY:
                self.app.notify("nobody else has this console", markup=False)
                return
            pane.session.reattach(take_over=True)
            pane.attached = True

    def action_search(self) -> None:
        """Open the search line."""
        self.add_class("-searching")
        self._searched = self.pane
        self.query_one("#search", Input).focus()

    @on(Input.Submitted, "#search")
    def _search(self, event: Input.Submitted) -> None:
        self.remove_class("-searching")
        pane = self._searched
        if pane is not None:
            pane.focus()
            pane.attached = False
        if not event.value:
            return
        self._needle = event.value.lower()
        self._match = (-1, 0)
        self._find(-1)

    def action_next_match(self) -> None:
        """Towards newer output."""
        self._find(1)

    def action_previous_match(self) -> None:
        """Towards older output."""
        self._find(-1)

    def _find(self, direction: int) -> None:
        pane = self.pane
        if pane is None or not self._needle:
            return
        lines = pane.session.contents()
        found = [place for number, line in enumerate(lines) for place in _places(number, line, self._needle)]
        if not found:
            self.app.notify("not found", markup=False)
            return
        if self._match[0] < 0:
            chosen = found[-1]
        elif direction > 0:
            chosen = next((one for one in found if one[:2] > self._match), found[0])
        else:
            chosen = next((one for one in reversed(found) if one[:2] < self._match), found[-1])
        self._match = chosen[:2]
        pane.show_line(*chosen)

    def action_copy(self) -> None:
        """What the pane shows, to the operator's clipboard."""
        if pane := self.pane:
            self.app.copy_to_clipboard(pane.shown_text())
            self.app.notify("copied what the pane shows", markup=False)

    async def action_log(self) -> None:
        """Start or stop the log file."""
        if pane := self.pane:
            path = None if pane.session.logging else self._folder() / f"{_file_name(pane.session.name)}.log"
            await self._keep(lambda: pane.session.log_to(path), f"logging to {path}" if path else "log closed")

    async def action_record(self) -> None:
        """Start or stop a cast."""
        if pane := self.pane:
            path = None if pane.session.recording else self._folder() / f"{_file_name(pane.session.name)}.cast"
            await self._keep(
                lambda: pane.session.record_to(path), f"recording to {path}" if path else "recording closed"
            )

    async def _keep(self, work: Callable[[], None], done: str) -> None:
        try:
            await in_background(work)
        except QuarryError as error:
            self.app.notify(clean(error.sentence), severity="error", markup=False)
        else:
            self.app.notify(clean(done), markup=False)

    def action_next(self) -> None:
        """To the next console."""
        self._step(1)

    def action_previous(self) -> None:
        """To the console before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        panes, current = self.panes, self.pane
        if current is not None and len(panes) > 1:
            target = panes[(panes.index(current) + step) % len(panes)]
            target.display = True
            target.attached = False
            target.focus()
            self.call_after_refresh(self._arrange)

    def action_zoom(self) -> None:
        """One on the whole screen, or all as tiles."""
        self._zoomed = not self._zoomed
        self._arrange()

    def action_broadcast(self) -> None:
        """Type to all tiles at once; asks before it begins."""
        if self._broadcasting:
            self._broadcasting = False
            self._arrange()
            return
        if self._read_only:
            self.app.notify("This Quarry is read-only.", severity="warning", markup=False)
            return
        shown = [pane for pane in self.panes if pane.display]
        if len(shown) < 2:
            self.app.notify("broadcasting needs two consoles on the screen", markup=False)
            return
        question = [f"Everything you type goes to all {len(shown)} consoles shown:"]
        question += [f"  {pane.session.name}" for pane in shown]
        self.app.push_screen(AskScreen("Broadcast typing", question, yes="Broadcast"), self._begin_broadcast)

    def _begin_broadcast(self, yes: bool | None) -> None:
        self._broadcasting = bool(yes)
        if yes and self.pane:
            self.pane.attached = True
        self._arrange()

    async def action_close(self) -> None:
        """Close this console; the last one leads back to the tree."""
        if pane := self.pane:
            others = [one for one in self.panes if one is not pane]
            await pane.remove()
            self._released(pane.session.name)
            self._broadcasting = self._broadcasting and len(others) > 1
            if others:
                others[0].display = True
                others[0].attached = False
                others[0].focus()
                self._arrange()
                return
        self.action_leave()

    def action_leave(self) -> None:
        """Back to the tree; consoles stay open."""
        if self.has_class("-searching"):
            self.remove_class("-searching")
            if self._searched is not None:
                self._searched.focus()
            return
        if self.app.screen is self:
            self.app.pop_screen()

    def action_help(self) -> None:
        """Every key of this view."""
        self.post_message(self.Wanted("view.help"))

    def action_command(self) -> None:
        """The command bar."""
        self.post_message(self.Wanted("view.command"))

    def action_line_up(self) -> None:
        """A line back."""
        self._scroll(-1)

    def action_line_down(self) -> None:
        """A line forward."""
        self._scroll(1)

    def _scroll(self, lines: int) -> None:
        if pane := self.pane:
            pane.scroll_lines(lines)

    def action_pan_left(self) -> None:
        """Look further left on a terminal wider than the pane."""
        if pane := self.pane:
            pane.pan(-_PAN)

    def action_pan_right(self) -> None:
        """Look further right."""
        if pane := self.pane:
            pane.pan(_PAN)

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
        self._scroll(-10_000_000)

    def action_last(self) -> None:
        """The live screen."""
        if pane := self.pane:
            pane.follow()


def escape_key(text: str) -> str:
    """Textual's name of an escape written as ``ctrl+]`` or ``^]``."""
    text = text.strip().lower()
    if len(text) == 2 and text[0] == "^":
        text = f"ctrl+{text[1]}"
    prefix, _, key = text.rpartition("+")
    return f"{prefix}+{key_name(key)}" if prefix else key_name(key)


def show_escape(key: str) -> str:
    """The escape key as a person writes it: ``^]``."""
    return f"^{show_key(key.removeprefix('ctrl+')).upper()}" if key.startswith("ctrl+") else show_key(key)


def layout(count: int, width: int, height: int) -> tuple[int, int] | None:
    """How many tiles side by side and above each other; None when they would be too small to be of use.

    Whole lines count for more than many lines: tiles stand side by side only where each is 80 columns wide, or where
    there is no room above each other.
    """
    for columns in range(max(1, min(count, width // _FULL_COLUMNS)), count + 1):
        rows = math.ceil(count / columns)
        if width // columns >= _TILE_COLUMNS and height // rows >= _TILE_ROWS:
            return columns, rows
    return None if count > 1 else (1, 1)


def tab_line(panes: Sequence[ConsolePane], current: ConsolePane | None, width: int) -> str:
    """The names of all consoles; where they do not fit, from as far right as shows the current one."""
    tabs = [f"[{pane.label}]" if pane is current else f" {pane.label} " for pane in panes]
    first = 0
    at = panes.index(current) if current in panes else 0
    while first < at and cell_len(" ".join(tabs[first : at + 1])) > width - 2:
        first += 1
    return ("< " if first else "") + " ".join(tabs[first:])


def _places(number: int, line: str, needle: str) -> list[tuple[int, int, int]]:
    """Every place of a text in a line: the line's number, the first cell and how many cells."""
    found: list[tuple[int, int, int]] = []
    lowered = line.lower()
    at = lowered.find(needle)
    while at >= 0:
        found.append((number, cell_len(lowered[:at]), cell_len(needle)))
        at = lowered.find(needle, at + 1)
    return found


def _file_name(name: str) -> str:
    """A machine's name as a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "console"
