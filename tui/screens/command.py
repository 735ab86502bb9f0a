"""The command bar: the same lines as `quarry` takes, with completion, ghost text and history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.suggester import SuggestionReady
from textual.widgets import Input, Static

from tui.history import History
from tui.render.text import clean, truncate
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line, Lines, Role

SHOWN = 8
"""Completions shown at once."""

_BESIDE_COMPLETIONS = 5
"""Cells of padding and scroll bar beside the list."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One way to go on with the line.

    Attributes:
        line: The whole line up to the cursor with it taken.
        word: What is shown.
        help: A few words on it.
    """

    line: str
    word: str
    help: str = ""


Complete = Callable[[str], Awaitable[Sequence[Suggestion]]]
"""Completions of a line, its cursor at the end. May take its time; the newest answer wins."""


class CommandScreen(ModalScreen[str | None]):
    """One line at the bottom. Result: the line to run, or None."""

    AUTO_FOCUS = "#line"

    DEFAULT_CSS = """
    CommandScreen { align: left bottom; background: transparent; }
    CommandScreen > #bar { height: auto; background: $surface; }
    CommandScreen #completions { max-height: 9; padding: 0 2; background: $panel; }
    CommandScreen #entry { height: 1; }
    CommandScreen #colon { width: 2; text-style: bold; }
    CommandScreen Input { border: none; padding: 0; height: 1; width: 1fr; background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False),
        Binding("tab", "take(1)", "Complete", show=False, priority=True),
        Binding("shift+tab", "take(-1)", "Complete back", show=False, priority=True),
        Binding("up", "older", "Older", show=False, priority=True),
        Binding("down", "newer", "Newer", show=False, priority=True),
    ]

    def __init__(self, complete: Complete, history: History, start: str = "") -> None:
        super().__init__()
        self._complete = complete
        self._history = history
        self._start = start
        self._suggestions: Sequence[Suggestion] = ()
        self._taken: int | None = None
        self._ours = False
        history.rewind()

    def compose(self) -> ComposeResult:
        """Completions over the line."""
        with Vertical(id="bar"):
            yield Lines(id="completions")
            with Horizontal(id="entry"):
                yield Static(" :", id="colon", markup=False)
                yield LineInput(self._start, id="line", compact=True, select_on_focus=False)

    def on_mount(self) -> None:
        """Begin with the line's end under the cursor."""
        line = self.query_one("#line", Input)
        line.focus()
        line.cursor_position = len(self._start)
        self.query_one("#completions").display = False
        self._look(self._start)

    @on(Input.Changed, "#line")
    def line_changed(self, event: Input.Changed) -> None:
        """Ask for completions of what was typed, not of what a completion put there."""
        if self._ours:
            self._ours = False
            return
        self._taken = None
        self._look(event.value)

    @on(Input.Submitted, "#line")
    def entered(self, event: Input.Submitted) -> None:
        """Hand the line over; an empty one only closes the bar."""
        line = event.value.strip().removeprefix(":").strip()
        if line:
            self._history.add(line)
        self._close(line or None)

    def action_leave(self) -> None:
        """Esc: close without running anything."""
        self._close(None)

    def _close(self, line: str | None) -> None:
        # An answer that arrives from here on would look for a list that is being taken down.
        self.workers.cancel_node(self)
        self.dismiss(line)

    def action_take(self, step: int) -> None:
        """Tab: put the next completion into the line."""
        if not self._suggestions:
            return
        last = len(self._suggestions)
        self._taken = (0 if step > 0 else last - 1) if self._taken is None else (self._taken + step) % last
        self._put(self._suggestions[self._taken].line)
        self._show()
        if last == 1:
            self._taken = None
            self._look(self._suggestions[0].line)

    def action_older(self) -> None:
        """Up: the line typed before."""
        older = self._history.older(self.query_one("#line", Input).value)
        if older is not None:
            self._put(older)

    def action_newer(self) -> None:
        """Down: the line typed after, or what was being typed."""
        newer = self._history.newer()
        if newer is not None:
            self._put(newer)

    def _put(self, text: str) -> None:
        line = self.query_one("#line", Input)
        self._ours = line.value != text
        line.value = text
        line.cursor_position = len(text)

    @work(exclusive=True, group="completion")
    async def _look(self, text: str) -> None:
        self._suggestions = await self._complete(text)
        self._show()
        ghost = self._history.ghost(text) or next(
            (one.line for one in self._suggestions if text and one.line.startswith(text)), None
        )
        if ghost:
            self.query_one("#line", Input).post_message(SuggestionReady(text, ghost))

    def _show(self) -> None:
        panel = self.query_one("#completions", Lines)
        first = max(0, (self._taken or 0) - SHOWN + 1)
        shown = self._suggestions[first : first + SHOWN]
        width = max((len(one.word) for one in shown), default=0)
        room = self.app.size.width - _BESIDE_COMPLETIONS
        rows = []
        for at, one in enumerate(shown, first):
            chosen = at == self._taken
            pointer = "> " if chosen else "  "
            text = truncate(clean(f"{pointer}{one.word:<{width}}  {one.help}"), room)
            rows.append(Line(text, Role.STRONG if chosen else Role.QUIET))
        unseen = len(self._suggestions) - len(shown)
        if unseen:
            rows.append(Line(f"  and {unseen} more", Role.QUIET))
        panel.display = bool(rows)
        panel.show(rows)
