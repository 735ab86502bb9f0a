"""Things one a line, with a cursor: what the device table and the findings have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from tui.render.lines import Line, Role, Span
from tui.render.strips import to_strip
from tui.widgets.painted import PaintedLines

Item = TypeVar("Item", bound=Hashable)


class CursorList(PaintedLines, Generic[Item], can_focus=True):
    """Heirs say how a thing looks and what follows when the cursor was moved."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="partitions.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="partitions.down"),
        Binding("home", "move(-1000000)", "Top", show=False, id="partitions.first"),
        Binding("end", "move(1000000)", "Bottom", show=False, id="partitions.last"),
        Binding("pageup", "page(-1)", "Page up", show=False, id="partitions.page-up"),
        Binding("pagedown", "page(1)", "Page down", show=False, id="partitions.page-down"),
    ]
    HEADED: ClassVar[bool] = False
    """The first line of the window is a heading, which does not scroll."""
    NOTHING: ClassVar[str] = ""
    """What is said where there is nothing to list."""

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._items: Sequence[Item] = ()
        self._at = 0
        self._strips: dict[tuple[Item, int], Strip] = {}

    @abstractmethod
    def line_of(self, item: Item, width: int) -> Line:
        """What one thing looks like in so many cells."""

    @abstractmethod
    def reached(self) -> None:
        """The operator moved the cursor to something else."""

    def heading(self, width: int) -> Line:
        """The first line, of a list that is headed."""
        return ()

    @property
    def item(self) -> Item | None:
        """What the cursor is on."""
        return self._items[self._at] if 0 <= self._at < len(self._items) else None

    def set_items(self, items: Sequence[Item], at: int) -> None:
        """List other things, the cursor on one of them."""
        self._items = items
        self._at = max(0, min(at, len(items) - 1))
        self.set_line_count(max(1, len(items) + self.HEADED))
        self.put_cursor(self._at)

    def put_cursor(self, index: int) -> None:
        """Put the cursor on a thing and bring that into the window; nobody is told."""
        self._at = index
        top = self.top
        self.show_line(index + self.HEADED, above=int(self.HEADED))
        if self.top == top:
            # Where it scrolled, all of it was painted anew by that.
            self.repaint()

    def move_cursor(self, index: int) -> None:
        """Move the cursor for the operator, as far as there are things."""
        index = max(0, min(index, len(self._items) - 1))
        if index != self._at and self._items:
            self.put_cursor(index)
            self.reached()

    def index_at(self, y: int) -> int | None:
        """Number of the thing on a line of the window."""
        index = self.top + y - self.HEADED
        return index if y >= self.HEADED and index < len(self._items) else None

    def paint(self, y: int) -> Strip:
        """One line."""
        width = self.text_size.width
        if y < self.HEADED:
            return to_strip(self.heading(width), self.palette, width)
        index = self.index_at(y)
        if index is None:
            if self.NOTHING and not self._items and y == self.HEADED:
                return to_strip((Span(self.NOTHING, Role.DIM),), self.palette, width)
            return Strip.blank(width, self.palette[Role.TEXT])
        item = self._items[index]
        if index == self._at:
            over = self.get_component_rich_style("line--cursor" if self.has_focus else "line--cursor-blurred")
            return to_strip(self.line_of(item, width), self.palette, width, over)
        strip = self._strips.get((item, width))
        if strip is None:
            strip = self._strips[item, width] = to_strip(self.line_of(item, width), self.palette, width)
        return strip

    def forget_painted(self) -> None:
        """New size or colours."""
        self._strips = {}

    def on_focus(self) -> None:
        """The cursor stands out more."""
        self.repaint()

    def on_blur(self) -> None:
        """And less."""
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one does what Enter does."""
        index = self.index_at(event.y)
        if index is None:
            return
        if index == self._at and event.chain > 1:
            self.action_enter()
        else:
            self.move_cursor(index)

    def action_enter(self) -> None:
        """What Enter does to the thing under the cursor."""

    def action_move(self, step: int) -> None:
        """Up or down."""
        self.move_cursor(self._at + step)

    def action_page(self, pages: int) -> None:
        """A page up or down, one line of it kept in sight."""
        self.move_cursor(self._at + pages * max(1, self.text_size.height - 1 - self.HEADED))
