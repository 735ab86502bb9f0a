"""The consoles an operator has open, as tiles or one at a time. Stays alive behind the tree.

While a pane is attached every key but the escape goes to its guest. After the escape the keys of
`tui.actions.console_table` work on it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Input, Static

from core.console.session import ConsoleSession, SessionState
from core.errors import QuarryError
from tui.actions.action import Context
from tui.actions.console_table import CONSOLE
from tui.actions.keymap import key_name, show_key
from tui.background import in_background
from tui.render.text import clean
from tui.screens.ask import AskScreen
from tui.widgets.console import ConsolePane

MakeSession = Callable[[Callable[[], None]], ConsoleSession]

_TILE_COLUMNS, _TILE_ROWS = 40, 8
"""A tile smaller than this is no use; fewer are shown then."""


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
    """

    def __init__(self, escape: str, folder: Callable[[], Path]) -> None:
        """An empty screen.

        Args:
            escape: The settings' escape key, ``ctrl+]``.
            folder: Where logs and recordings go.
        """
        super().__init__()
        self._escape = escape_key(escape)
        self._folder = folder
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

    async def open(self, name: str, make_session: MakeSession) -> None:
        """Open a machine's console, or go to it when it is open."""
        pane = next((one for one in self.panes if one.session.name == name), None)
        if pane is None:
            pane = ConsolePane(make_session, escape_key=self._escape, ascii_only=self.app.has_class("-ascii"))
            await self.query_one("#tiles", Grid).mount(pane)
        pane.attached = True
        pane.focus()
        self._arrange()

    def on_screen_resume(self) -> None:
        """Shown again: draw what happened meanwhile."""
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Another number of tiles may fit."""
        self._arrange()

    def on_descendant_focus(self) -> None:
        """The hint names who gets the typing."""
        self._arrange()

    def _arrange(self) -> None:
        panes, current = self.panes, self.pane
        across = max(1, self.size.width // _TILE_COLUMNS)
        down = max(1, (self.size.height - 2) // (_TILE_ROWS + 2))
        shown = panes
        if self._zoomed or len(panes) > across * down:
            shown = [current] if current else []
        for pane in panes:
            pane.display = pane in shown
            pane.set_class(self._broadcasting and pane in shown, "-broadcast")
        columns = min(across, max(1, math.ceil(math.sqrt(len(shown) or 1))))
        grid = self.query_one("#tiles", Grid)
        grid.styles.grid_size_columns = columns
        grid.styles.grid_size_rows = max(1, math.ceil(len(shown) / columns))
        self._say()

    def _say(self) -> None:
        current = self.pane
        tabs = "  ".join(
            f"[{clean(pane.session.name)}]" if pane is current else f" {clean(pane.session.name)} "
            for pane in self.panes
        )
        self.query_one("#tabs", Static).update(Content(tabs))
        if current is None:
            hint = "no console is open   Esc Leave"
        elif current.attached:
            to = "ALL CONSOLES SHOWN" if self._broadcasting else clean(current.session.name)
            hint = f"{show_escape(self._escape)} Detach      typing goes to {to}"
        else:
            rows = sorted((one for one in CONSOLE if one.footer is not None), key=lambda one: one.footer or 0)
            hint = "  ".join(f"{show_key(key_name(one.keys[0]))} {one.label}" for one in rows)
        self.query_one("#hint", Static).update(Content(hint))

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

    _searched: ConsolePane | None = None

    @on(Input.Submitted, "#search")
    def _search(self, event: Input.Submitted) -> None:
        self.remove_class("-searching")
        pane = self._searched
        if pane is not None:
            pane.focus()
            pane.attached = False
        if not event.value:
            return
        self._needle = event.value.casefold()
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
        size = len(self._needle)
        found = [
            (number, at, size) for number, line in enumerate(lines) for at in _places(line.casefold(), self._needle)
        ]
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

    def action_line_up(self) -> None:
        """A line back."""
        self._scroll(-1)

    def action_line_down(self) -> None:
        """A line forward."""
        self._scroll(1)

    def _scroll(self, lines: int) -> None:
        if pane := self.pane:
            pane.scroll_lines(lines)

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


def _places(line: str, needle: str) -> list[int]:
    """Every column a text is found at."""
    found, at = [], line.find(needle)
    while at >= 0:
        found.append(at)
        at = line.find(needle, at + 1)
    return found


def _file_name(name: str) -> str:
    """A machine's name as a file name."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name).lstrip(".") or "console"
