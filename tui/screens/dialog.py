"""The base of every dialog: a bordered box that fits any terminal, with its keys on the last line."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from tui.abstract import AbstractMeta
from tui.actions.keymap import DEFAULT_KEYMAP
from tui.render.text import cells, clean

Result = TypeVar("Result")

_FRAME_LINES = 2
_BETWEEN = "   "
_ANY_WIDTH = 1_000

_TALL = 30
"""Lines of a terminal from which a dialog sets its keys off by an empty line."""


class Dialog(ModalScreen[Result | None], Generic[Result], metaclass=AbstractMeta):
    """A modal box. Dismisses with a typed result, or None when the operator leaves."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > #box {
        width: 90%; max-width: 110; height: auto; max-height: 100%;
        border: round $primary; padding: 0 1; background: $surface;
        border-title-style: bold; border-title-color: $foreground;
    }
    Dialog.-narrow > #box { width: 100%; }
    Dialog #keys { height: auto; color: $text-muted; }
    Dialog.-tall #keys { margin-top: 1; }
    .-ascii Dialog > #box, Dialog.-ascii > #box { border: ascii $primary; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "Leave", show=False, id="confirm.leave"),
    ]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title_text = title
        self._keys_width = 0

    @property
    def heading(self) -> str:
        """The title on the frame."""
        return self._title_text

    @abstractmethod
    def body(self) -> Iterable[Widget]:
        """The widgets between title and keys."""

    def keys(self) -> Iterable[tuple[str, str]]:
        """Key and label for the last line."""
        return ((self.key_of("confirm.leave"), "Leave"),)

    def compose(self) -> ComposeResult:
        """A box, its parts, its keys."""
        box = Vertical(id="box")
        box.border_title = Content(clean(self._title_text))
        with box:
            yield from self.body()
            yield Static(self._keys_content(), id="keys", markup=False)

    def key_of(self, action_id: str) -> str:
        """The key of an action, as the user has it."""
        keymap = getattr(self.app, "keymap", DEFAULT_KEYMAP)
        return str(keymap.shown(action_id))

    def retitle(self, title: str) -> None:
        """Change the title and the keys."""
        self._title_text = title
        self.query_one("#box").border_title = Content(clean(title))
        self.refresh_keys()

    def refresh_keys(self) -> None:
        """Paint the last line again."""
        self.query_one("#keys", Static).update(self._keys_content())

    def on_mount(self) -> None:
        """Fit the first size."""
        self.set_class(self.app.has_class("-ascii"), "-ascii")
        self.fit()

    def on_resize(self, event: events.Resize) -> None:
        """Fit the new size; nothing of the dialog's state is lost."""
        self.set_class(event.size.width < 90, "-narrow")
        self.set_class(event.size.height >= _TALL, "-tall")
        self.fit()

    def fit(self) -> None:
        """Give what grows the room that the other parts leave, once those have their heights."""
        self._fit()
        self.after_refresh(self._fit)

    def after_refresh(self, work: Callable[[], None]) -> None:
        """Do something once what has changed is painted, unless the dialog is closed by then."""

        def unless_closed() -> None:
            if self.query("#box"):
                work()

        self.call_after_refresh(unless_closed)

    def action_leave(self) -> None:
        """Esc: leave without a result."""
        self.dismiss(None)

    def _fit(self) -> None:
        width = self.query_one("#box").content_size.width
        if width != self._keys_width:
            self._keys_width = width
            self.refresh_keys()
            self.after_refresh(self._fit)
        others = sum(
            (child.outer_size.height or 1) + child.styles.margin.height
            for child in self.query("#box > *")
            if child.display and not child.has_class("grows")
        )
        for body in self.query("#box > .grows"):
            body.styles.max_height = max(1, self.app.size.height - _FRAME_LINES - others)

    def _keys_content(self) -> Content:
        """Key after key, an entry never broken at the end of a line."""
        parts: list[str | tuple[str, str]] = []
        room = 0
        for key, label in self.keys():
            taken = cells(key) + 1 + cells(label)
            if parts and taken <= room - len(_BETWEEN):
                parts.append(_BETWEEN)
                room -= len(_BETWEEN)
            else:
                parts.append("\n" if parts else "")
                room = self._keys_width or _ANY_WIDTH
            parts += [(key, "bold"), f" {label}"]
            room -= taken
        return Content.assemble(*parts)
