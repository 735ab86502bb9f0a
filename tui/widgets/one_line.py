"""A single line of roles, painted again only when it says something else."""

from __future__ import annotations

from typing import ClassVar

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.render.lines import Line
from tui.render.strips import Palette, to_strip
from tui.widgets.roles import ROLE_CLASSES, palette_of, role_css


class OneLine(Widget):
    """One line of text with roles."""

    COMPONENT_CLASSES: ClassVar[set[str]] = set(ROLE_CLASSES)
    DEFAULT_CSS = """
    OneLine { height: 1; width: 1fr; background: $panel; color: $foreground; }
    """ + role_css("OneLine")

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._line: Line = ()
        self._palette: Palette | None = None

    @property
    def line(self) -> Line:
        """What it says."""
        return self._line

    def show(self, line: Line) -> None:
        """Say something else."""
        if line != self._line:
            self._line = line
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Always one line."""
        return 1

    def render_line(self, y: int) -> Strip:
        """The line."""
        if self._palette is None:
            self._palette = palette_of(self)
        return to_strip(self._line, self._palette, self.size.width)

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._palette = None
