"""The dialog before writing: where to, and what that changes there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from textual import events, on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from partition_editor.scopes import ScopeText
from tui.screens.dialog import Dialog
from tui.text import count
from tui.widgets.choice import Choice
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line, Lines, Role


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a text may be written.

    Attributes:
        path: The file, or the one to propose should the operator want a file after all.
        scope: The scheme it becomes; None for the file.
    """

    path: Path
    scope: ScopeText | None = None

    @property
    def shown(self) -> str:
        """For choosing among them."""
        if self.scope is None:
            return "a file"
        return f"scheme of {self.scope.shown}" + (
            f" ({count(self.scope.nodes, 'node')})" if self.scope.nodes != 1 else ""
        )


class WriteScreen(Dialog[Destination]):
    """Result: where to write, or None."""

    DEFAULT_CSS = """
    WriteScreen #path { border: none; padding: 0; height: 1; background: $boost; }
    WriteScreen #to { width: 100%; }
    WriteScreen .-hidden { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "Yes", show=False, id="confirm.yes"),
        Binding("tab", "turn", "File name", show=False, priority=True),
        Binding("n,q", "leave", "Leave", show=False, id="confirm.leave"),
    ]

    def __init__(
        self, title: str, places: Sequence[Destination], at: int, lines: Callable[[Destination], Sequence[Line]]
    ) -> None:
        """The dialog.

        Args:
            title: Of the box.
            places: One or more; the last is the file.
            at: The one to begin with.
            lines: What writing to a place would change.
        """
        super().__init__(title)
        self._places = {one.shown: one for one in places}
        self._at = places[at].shown
        self._make_lines = lines

    @property
    def place(self) -> Destination:
        """The chosen one."""
        return self._places[self._at]

    def body(self) -> Iterable[Widget]:
        """Where to, and what changes there."""
        if len(self._places) > 1:
            yield Choice(tuple(self._places), self._at, id="to")
        path = LineInput(str(self.place.path), id="path", compact=True)
        path.set_class(self.place.scope is not None, "-hidden")
        yield path
        lines = Lines(self._make_lines(self.place), id="lines")
        lines.add_class("grows")
        yield lines

    def keys(self) -> Iterable[tuple[str, str]]:
        """Writing and leaving."""
        return (
            ("y", "Write"),
            ("Tab", "Another place" if len(self._places) > 1 else "Another file"),
            ("Esc", "Leave"),
        )

    def on_mount(self) -> None:
        """Begin with the difference."""
        super().on_mount()
        self.query_one("#lines").focus()

    @on(Choice.Changed)
    def chosen(self) -> None:
        """Another place: another difference."""
        self._at = self.query_one("#to", Choice).value
        self.query_one("#path").set_class(self.place.scope is not None, "-hidden")
        self.query_one("#lines", Lines).show(self._make_lines(self.place))
        self.fit()

    @on(Input.Submitted, "#path")
    def entered(self, event: Input.Submitted) -> None:
        """Enter in the name only goes back to the difference."""
        event.stop()
        self.query_one("#lines").focus()

    def on_key(self, event: events.Key) -> None:
        """Enter is never yes, and says so."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            event.stop()
            note = Line("! Enter is not yes: press y, or Esc to leave", Role.WARNING, hang=2)
            self.query_one("#lines", Lines).show([note, *self._make_lines(self.place)])

    def action_turn(self) -> None:
        """From the difference to the place, to the name, and back."""
        stops = [one for one in self.query("#to, #path, #lines") if one.display]
        at = stops.index(self.focused) if self.focused in stops else -1
        stops[(at + 1) % len(stops)].focus()

    def action_yes(self) -> None:
        """Write there."""
        text = self.query_one("#path", Input).value.strip()
        if self.place.scope is not None:
            self.dismiss(self.place)
        elif text:
            self.dismiss(replace(self.place, path=Path(text).expanduser()))
