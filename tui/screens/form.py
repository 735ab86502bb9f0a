"""A form that makes command lines: fields above, the lines as they will be run below, `y` on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label

from core.outcome import Refused
from tui.screens.dialog import Dialog
from tui.widgets.lines import Line, Lines, Role

Values = Mapping[str, str]
Build = Callable[[Values], Sequence[str] | Refused]
"""Command lines from the fields' values, or why there are none yet."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form.

    Attributes:
        name: Key in the values.
        label: What stands before it.
        value: What it begins with.
        hint: Shown while it is empty.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""


class FormRow(Horizontal):
    """A label and its input."""

    DEFAULT_CSS = """
    FormRow { height: 1; }
    FormRow Label { width: 16; color: $text-muted; }
    FormRow Input { width: 1fr; border: none; padding: 0; height: 1; background: $boost; }
    """

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def compose(self) -> ComposeResult:
        """Label, then input."""
        yield Label(self.field.label, markup=False)
        yield Input(self.field.value, placeholder=self.field.hint, id=f"field-{self.field.name}", compact=True)


class FormScreen(Dialog[Sequence[str]]):
    """Result: the lines to run, or None."""

    DEFAULT_CSS = """
    FormScreen #fields { height: auto; scrollbar-size-vertical: 1; }
    FormScreen #preview { margin-top: 1; max-height: 6; }
    FormScreen #preview:focus { background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "next", "Next field", show=False, priority=True),
        Binding("up", "previous", "Previous field", show=False, priority=True),
        Binding("y", "yes", "Yes", show=False, id="confirm.yes"),
    ]

    def __init__(self, title: str, fields: Sequence[Field], build: Build, yes: str) -> None:
        super().__init__(title)
        self._fields = fields
        self._build = build
        self._yes = yes

    def body(self) -> Iterable[Widget]:
        """Fields, then what they come to."""
        rows = [FormRow(field) for field in self._fields]
        yield VerticalScroll(*rows, id="fields", classes="grows", can_focus=False)
        yield Lines(id="preview")

    def keys(self) -> Iterable[tuple[str, str]]:
        """How to get on."""
        return (("Enter", "Next"), ("y", f"{self._yes} (on the command below the fields)"), ("Esc", "Leave"))

    def on_mount(self) -> None:
        """Begin in the first field."""
        super().on_mount()
        self.query(Input).first().focus()
        self._preview()

    @property
    def values(self) -> dict[str, str]:
        """What the fields say now, without spaces around."""
        return {field.name: self.query_one(f"#field-{field.name}", Input).value.strip() for field in self._fields}

    @on(Input.Changed)
    def changed(self) -> None:
        """Show the lines as they would be now."""
        self._preview()

    @on(Input.Submitted)
    def entered(self) -> None:
        """Enter goes on to the next field and at last to the lines."""
        self.focus_next()

    def on_key(self, event: events.Key) -> None:
        """Enter is never yes, and says so."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            event.stop()
            self._preview("Enter is not yes: press y, or Esc to leave")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`y` is yes only on the lines; in a field it is a letter."""
        return action != "yes" or not isinstance(self.focused, Input)

    def action_next(self) -> None:
        """Down: the next field."""
        self.focus_next()

    def action_previous(self) -> None:
        """Up: the field before."""
        self.focus_previous()

    def action_yes(self) -> None:
        """Hand the lines over, if the fields make any."""
        lines = self._build(self.values)
        if isinstance(lines, Refused):
            self._preview()
        else:
            self.dismiss(lines)

    def _preview(self, note: str = "") -> None:
        lines = self._build(self.values)
        rows = [Line(f"! {note}", Role.WARNING, hang=2)] if note else []
        if isinstance(lines, Refused):
            rows.append(Line(f"! {lines.reason}", Role.WARNING, hang=2))
        else:
            rows.append(Line(f"quarry {lines[0]}", Role.STRONG, hang=2))
            if len(lines) > 1:
                rows.append(Line(f"… {len(lines)} lines like this", Role.QUIET))
        self.query_one("#preview", Lines).show(rows)
