"""Forms: fields above, what they come to below, `y` on that. `FormScreen` is the one that makes command lines."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label

from core.outcome import Refused
from tui.screens.dialog import Dialog
from tui.widgets.choice import Choice
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line, Lines, Role

Result = TypeVar("Result")
Values = Mapping[str, str]
Build = Callable[[Values], Result | Refused]
"""What the fields' values come to, or why that is nothing yet."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form.

    Attributes:
        name: Key in the values.
        label: What stands before it.
        value: What it begins with.
        hint: Shown while it is empty.
        options: Possible values; a field without any is typed.
        empty: What the empty option is called.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    options: tuple[str, ...] = ()
    empty: str = "any"


class FormRow(Horizontal):
    """A label and its field."""

    DEFAULT_CSS = """
    FormRow { height: 1; }
    FormRow Label { width: 17; color: $text-muted; }
    FormRow Input { width: 1fr; border: none; padding: 0; height: 1; background: $boost; }
    """

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field

    def compose(self) -> ComposeResult:
        """Label, then input or choice."""
        one = self.field
        yield Label(one.label, markup=False)
        if one.options:
            yield Choice(one.options, one.value, id=f"field-{one.name}", empty=one.empty)
        else:
            yield LineInput(one.value, placeholder=one.hint, id=f"field-{one.name}", compact=True)


class Form(Dialog[Result]):
    """Fields whose values are built into a result while one types. Result: that, or None."""

    DEFAULT_CSS = """
    Form #fields { height: auto; scrollbar-size-vertical: 1; }
    Form #preview:focus { background: $boost; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "next", "Next field", show=False, priority=True),
        Binding("up", "previous", "Previous field", show=False, priority=True),
        Binding("y", "yes", "Yes", show=False, id="confirm.yes"),
    ]

    def __init__(self, title: str, fields: Sequence[Field], build: Build[Result]) -> None:
        super().__init__(title)
        self._fields = fields
        self._build = build

    @abstractmethod
    def preview(self, note: str = "") -> None:
        """Show below the fields what they come to now, under a sentence if there is one."""

    def body(self) -> Iterable[Widget]:
        """Fields, then what they come to."""
        rows = [FormRow(field) for field in self._fields]
        yield VerticalScroll(*rows, id="fields", classes="grows", can_focus=False)
        yield Lines(id="preview")

    def on_mount(self) -> None:
        """Begin in the first field."""
        super().on_mount()
        self.query("FormRow Input, FormRow Choice").first().focus()
        self.preview()

    @property
    def values(self) -> dict[str, str]:
        """What the fields say now, without spaces around."""
        found = {}
        for field in self._fields:
            widget = self.query_one(f"#field-{field.name}")
            found[field.name] = widget.value.strip() if isinstance(widget, (Input, Choice)) else ""
        return found

    @on(Input.Changed)
    @on(Choice.Changed)
    def changed(self) -> None:
        """Show what it would come to now."""
        self.preview()

    @on(Input.Submitted)
    def entered(self) -> None:
        """Enter goes on to the next field and at last to the outcome."""
        self.focus_next()

    def on_key(self, event: events.Key) -> None:
        """Enter on a choice goes on, too; on the outcome it is never yes, and says so."""
        if event.key == "enter" and not isinstance(self.focused, Input):
            event.stop()
            if isinstance(self.focused, Choice):
                self.focus_next()
            else:
                self.preview("Enter is not yes: press y, or Esc to leave")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`y` is yes only on the outcome; in a field it is a letter."""
        return action != "yes" or isinstance(self.focused, Lines)

    def action_next(self) -> None:
        """Down: the next field."""
        self.focus_next()

    def action_previous(self) -> None:
        """Up: the field before."""
        self.focus_previous()

    def action_yes(self) -> None:
        """Hand over what the fields make, if they make anything."""
        made = self._build(self.values)
        if isinstance(made, Refused):
            self.preview()
        else:
            self.dismiss(made)


def noted(note: str) -> list[Line]:
    """A sentence above the outcome; no line for an empty one."""
    return [Line(f"! {note}", Role.WARNING, hang=2)] if note else []


class FormScreen(Form[Sequence[str]]):
    """Result: the command lines to run, or None."""

    DEFAULT_CSS = """
    FormScreen FormRow Label { width: 16; }
    FormScreen #preview { margin-top: 1; max-height: 6; }
    """

    def __init__(self, title: str, fields: Sequence[Field], build: Build[Sequence[str]], yes: str) -> None:
        super().__init__(title, fields, build)
        self._yes = yes

    def keys(self) -> Iterable[tuple[str, str]]:
        """How to get on."""
        return (("Enter", "Next"), ("y", f"{self._yes}, with the cursor on the command"), ("Esc", "Leave"))

    def preview(self, note: str = "") -> None:
        """The lines as they would be now."""
        lines = self._build(self.values)
        rows = noted(note)
        if isinstance(lines, Refused):
            rows.append(Line(f"! {lines.reason}", Role.WARNING, hang=2))
        else:
            rows.append(Line(f"quarry {lines[0]}", Role.STRONG, hang=2))
            if len(lines) > 1:
                rows.append(Line(f"… {len(lines)} lines like this", Role.QUIET))
        self.query_one("#preview", Lines).show(rows)
