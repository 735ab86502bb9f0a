"""The consoles an operator has open, as tiles or one at a time. Installed in the app: stays alive behind the tree.

While a pane is attached every key but the escape goes to its guest. After the escape the keys of
`tui.actions.console_table` work on it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from core.console.session import ConsoleSession
from tui.actions.action import Context
from tui.actions.console_table import CONSOLE
from tui.actions.keymap import Keymap, key_name, make_keymap
from tui.render.text import clean
from tui.screens.ask import AskScreen
from tui.screens.consoles.escape import escape_key, show_escape
from tui.screens.consoles.hint import Shown, hint_line
from tui.screens.consoles.tiles import Tiles, tab_line
from tui.screens.consoles.view_mode import ViewModeScreen
from tui.widgets.console import ConsolePane

_LINES_AROUND = 2
"""Lines of names and hints."""


class ConsolesScreen(ViewModeScreen):
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
    ConsolesScreen > #hint {
        height: 1; color: $text-muted; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis;
    }
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
        super().__init__(folder, read_only=read_only)
        self._escape = escape_key(escape)
        self._released = released
        self._keys = keymap or make_keymap({})
        self._ascii = ascii_only
        self._tiles = Tiles()
        self._zoomed = False
        self._broadcasting = False

    def compose(self) -> ComposeResult:
        """Tabs, tiles, search line, hint."""
        yield Static("", id="tabs", markup=False)
        yield self._tiles
        yield from super().compose()
        yield Static("", id="hint", markup=False)

    @property
    def panes(self) -> list[ConsolePane]:
        """Every open console, in the order of opening."""
        return self._tiles.panes

    async def open(self, *sessions: ConsoleSession) -> None:
        """Show consoles, each once, and type to the first of them. Broadcasting ends: the new ones were not asked."""
        self._broadcasting = False
        for session in sessions:
            if self._pane_of(session.name) is None:
                await self._tiles.mount(
                    ConsolePane(session, escape_key=self._escape, ascii_only=self._ascii, read_only=self.read_only)
                )
        self._zoomed = self._zoomed and len(sessions) == 1
        first = self._pane_of(sessions[0].name) if sessions else None
        if first is not None:
            self._go_to(first, attached=True)

    def _pane_of(self, name: str) -> ConsolePane | None:
        return next((one for one in self.panes if one.session.name == name), None)

    def _go_to(self, pane: ConsolePane, *, attached: bool) -> None:
        """Give a console the keys.

        It gets them before any other pane is hidden: Textual takes the focus from whoever has it by then when the
        pane that had it goes out of sight.
        """
        self.pane = pane
        pane.attached = attached
        pane.display = True
        self.set_focus(pane)
        self._arrange()

    def on_screen_resume(self) -> None:
        """Shown again: draw what happened meanwhile, and type where it was typed before."""
        for pane in self.panes:
            pane.wake()
        if self.pane and not self.is_searching:
            self.set_focus(self.pane)
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Another number of tiles may fit."""
        self._arrange()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click gives a console the keys; the hint names who gets the typing."""
        if isinstance(event.widget, ConsolePane) and event.widget is self.focused:
            self.pane = event.widget
        self._arrange()

    def _arrange(self) -> None:
        shown = self._tiles.lay_out(self.pane, self.size - (0, _LINES_AROUND), zoomed=self._zoomed)
        for pane in self.panes:
            pane.set_class(self._broadcasting and pane in shown, "-broadcast")
        self.set_class(len(shown) == 1, "-single")
        self.set_class(len(self.panes) < 2, "-alone")
        self._say()

    @on(ConsolePane.Retitled)
    def _say(self) -> None:
        """Draw the line of names and the line of hints."""
        panes, current = self.panes, self.pane
        at = panes.index(current) if current in panes else 0
        tabs = tab_line([pane.label for pane in panes], at, self.size.width - 2)
        self.query_one("#tabs", Static).update(Content(tabs))
        hint = hint_line(self._shown(), show_escape(self._escape), self._keys)
        self.query_one("#hint", Static).update(Content(hint))

    def _shown(self) -> Shown | None:
        """The console that has the keys, as the hint describes it."""
        pane = self.pane
        if pane is None:
            return None
        return Shown(
            name=clean(pane.session.name),
            title=pane.title,
            notes=pane.notes,
            status=pane.session.status,
            attached=pane.attached,
            borderless=self.has_class("-single"),
            several=len(self.panes) > 1,
            broadcasting=self._broadcasting,
            read_only=self.read_only,
        )

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

    def action_next(self) -> None:
        """To the next console."""
        self._step(1)

    def action_previous(self) -> None:
        """To the console before."""
        self._step(-1)

    def _step(self, step: int) -> None:
        panes, current = self.panes, self.pane
        if current in panes and len(panes) > 1:
            self._go_to(panes[(panes.index(current) + step) % len(panes)], attached=False)

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
        if self.read_only:
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
        closed = self.pane
        others = [pane for pane in self.panes if pane is not closed]
        self._broadcasting = self._broadcasting and len(others) > 1
        if others:
            self._go_to(others[0], attached=False)
        else:
            self.pane = None
        if closed is not None:
            await closed.remove()
            self._released(closed.session.name)
        if others:
            self._arrange()
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Back to the tree; consoles stay open."""
        if self.is_searching:
            self.end_search()
        elif self.app.screen is self:
            self.app.pop_screen()

    def action_help(self) -> None:
        """Every key of this view."""
        self.post_message(self.Wanted("view.help"))

    def action_command(self) -> None:
        """The command bar."""
        self.post_message(self.Wanted("view.command"))
