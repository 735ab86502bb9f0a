"""A scrolling widget painted line by line that sends only the lines that changed.

Subclasses say what each line of the window looks like now (`paint`); `repaint` compares that with what was painted
last and marks only the difference. Nothing changed: nothing is sent. Changing the number of lines does not lay out
the screen again, which matters when rows come and go many times a second.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from tui.abstract import AbstractMeta
from tui.render.strips import Palette
from tui.widgets.roles import ROLE_CLASSES, palette_of, role_css


class PaintedLines(ScrollView, metaclass=AbstractMeta):
    """Lines of roles with a vertical scrollbar."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    DEFAULT_CSS = """
    PaintedLines {
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        background: $background;
        color: $foreground;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    """ + role_css("PaintedLines")

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._painted: list[Strip] = []
        self._palette: Palette | None = None
        self._measured: Size | None = None
        self._awaited: tuple[int, int] | None = None

    @abstractmethod
    def paint(self, y: int) -> Strip:
        """Line `y` of the window as it should look now."""

    def forget_painted(self) -> None:
        """Called when size or colours changed: drop everything made for the old ones."""

    @property
    def palette(self) -> Palette:
        """The style of every role under the present theme."""
        if self._palette is None:
            self._palette = palette_of(self)
        return self._palette

    @property
    def text_size(self) -> Size:
        """Cells for text, the scrollbar left out."""
        return self._measured or self.scrollable_content_region.size

    @property
    def top(self) -> int:
        """Number of lines scrolled out at the top."""
        return round(self.scroll_y)

    def repaint(self) -> int:
        """Mark what differs from the last painting; returns the number of lines that do."""
        height = self.text_size.height
        if not self.is_mounted or height <= 0:
            return 0
        if len(self._painted) != height:
            self._painted = self._paint_all()
            self.refresh()
            return height
        width = self.text_size.width
        before, self._painted = self._painted, self._paint_all()
        changed = [
            Region(0, y, width, 1)
            for y, (old, new) in enumerate(zip(before, self._painted, strict=True))
            if new is not old and new != old
        ]
        if changed:
            self.refresh(*changed)
        return len(changed)

    def _paint_all(self) -> list[Strip]:
        """Every line of the window; its size is measured once, which is half the work of painting a short line."""
        self._measured = self.text_size
        try:
            return [self.paint(y) for y in range(self._measured.height)]
        finally:
            self._measured = None

    def render_line(self, y: int) -> Strip:
        """What the compositor asks for."""
        height = self.text_size.height
        if len(self._painted) != height:
            self._painted = self._paint_all()
        return self._painted[y] if y < height else Strip.blank(self.text_size.width, self.rich_style)

    def set_line_count(self, count: int) -> None:
        """Tell the scrollbar how many lines there are, without laying out the screen again."""
        size = Size(self.text_size.width, count)
        if size == self.virtual_size:
            return
        self.set_reactive(Widget.virtual_size, size)
        # While all lines fit, the scrollbar looks the same whatever their number: to paint it is bytes for nothing.
        if self.is_mounted and max(count, self.vertical_scrollbar.window_virtual_size) > self.text_size.height:
            self.vertical_scrollbar.window_virtual_size = count
        if self.scroll_y > self.max_scroll_y:
            self.scroll_y = self.max_scroll_y

    def show_line(self, line: int, *, above: int = 0) -> None:
        """Scroll as little as needed to have a line in the window; as soon as there is one, before it has a size.

        Args:
            line: The line, counted from the first one.
            above: Lines at the window's top that do not scroll.
        """
        height = self.text_size.height
        if height <= 0:
            self._awaited = line, above
        elif line - above < self.top:
            self.scroll_to_line(line - above)
        elif line >= self.top + height:
            self.scroll_to_line(line - height + 1)

    def scroll_to_line(self, top: int) -> None:
        """Make a line the first in the window, as far as there are lines enough."""
        self.scroll_y = max(0, min(top, self.max_scroll_y))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint only what looks different after scrolling."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        if round(old_value) != round(new_value):
            self.repaint()

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._palette = None
        self._painted = []
        self.forget_painted()

    def on_resize(self, _event: events.Resize) -> None:
        """The window changed."""
        self._painted = []
        self.forget_painted()
        self.refresh()
        awaited, self._awaited = self._awaited, None
        if awaited is not None:
            self.show_line(awaited[0], above=awaited[1])
