"""The painting half of the tree: rows of the state to strips, the window, and what the screen is told."""

from __future__ import annotations

from rich.style import Style
from textual.strip import Strip

from core.hypervisor.model import LinkState
from tui.render.columns import Layout, choose_columns
from tui.render.rows import Look, title_line
from tui.render.strips import to_strip
from tui.widgets.fleet_tree.groups import Group, Grouping
from tui.widgets.fleet_tree.messages import Said
from tui.widgets.fleet_tree.model import TreeModel
from tui.widgets.fleet_tree.painter import RowPainter
from tui.widgets.fleet_tree.state import FleetState
from tui.widgets.painted import PaintedLines
from tui.widgets.roles import readable


class TreeCanvas(PaintedLines):
    """Paints a `FleetState`: titles on the first line, rows below. Whoever changes the state calls `_show`."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self.look = look
        self.state = FleetState()
        self.beside_details = False
        self._layout_made: Layout | None = None
        self._painter_made: RowPainter | None = None
        self._title: tuple[object, Strip] | None = None
        self._said = Said()
        self._shown_at = 0

    def on_mount(self) -> None:
        """Count down to the next try of unreachable containers."""
        self.set_interval(1.0, self._tick)

    @property
    def model(self) -> TreeModel:
        """The rows."""
        return self.state.model

    def set_beside_details(self, beside: bool) -> None:
        """Whether the details pane stands beside: another choice of columns."""
        if beside != self.beside_details:
            self.beside_details = beside
            self._forget_layout()
            self.repaint()

    def set_look(self, look: Look) -> None:
        """Change glyphs."""
        self.look = look
        self._forget_layout()
        self.repaint()

    def paint(self, y: int) -> Strip:
        """Titles on the first line, rows below."""
        if y == 0:
            return self._title_strip()
        number = self.top + y - 1
        rows = self.model.rows
        if number >= len(rows):
            return Strip.blank(self.text_size.width, self.rich_style)
        row = rows[number]
        over = self._cursor_style() if number == self.state.row else None
        folded = isinstance(row, Group) and self.model.is_folded(row.key)
        return self._painter().strip(row, marked=row.key in self.state.marks, folded=folded, over=over)

    def forget_painted(self) -> None:
        """Size or colours changed."""
        self._forget_layout()
        if self.is_mounted:
            self._show()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell what is in view now."""
        super().watch_scroll_y(old_value, new_value)
        self._say()

    def _show(self) -> None:
        """After anything changed: keep the cursor's place in the window, paint, tell."""
        self.set_line_count(len(self.model.rows) + 1)
        row = self.state.row
        if self._said.key == self.state.key and self.top > 0:
            self.scroll_to_line(self.top + row - self._shown_at)
        self._shown_at = row
        self.show_line(row + 1, above=1)
        if self._layout_made is not None and self._choose_layout() != self._layout_made:
            self._forget_layout()
        self.repaint()
        self._say()

    def _say(self) -> None:
        rows = self.model.rows[self.top : self.top + max(0, self.text_size.height - 1)]
        for message in self._said.news(self.state, rows):
            self.post_message(message)

    def _tick(self) -> None:
        if any(container.link is LinkState.DOWN for container in self.model.snapshot.containers):
            self.repaint()

    def _layout_now(self) -> Layout:
        if self._layout_made is None:
            self._layout_made = self._choose_layout()
        return self._layout_made

    def _choose_layout(self) -> Layout:
        return choose_columns(
            max(1, self.text_size.width),
            self.model.longest_name,
            beside_details=self.beside_details,
            hosts=self.model.grouping is Grouping.CLUSTER,
            boots=self.model.knows_boots,
        )

    def _forget_layout(self) -> None:
        self._layout_made = None
        self._painter_made = None
        self._title = None

    def _painter(self) -> RowPainter:
        if self._painter_made is None:
            clustered = self.model.grouping is Grouping.CLUSTER
            self._painter_made = RowPainter(self._layout_now(), self.look, self.palette, clustered=clustered)
        return self._painter_made

    def _title_strip(self) -> Strip:
        layout = self._layout_now()
        wanted = (layout, self.model.column, self.model.descending)
        if self._title is None or self._title[0] != wanted:
            line = title_line(layout, self.look.glyphs, self.model.column, descending=self.model.descending)
            self._title = (wanted, to_strip(line, self.palette, layout.width))
        return self._title[1]

    def _cursor_style(self) -> Style:
        if self.app.no_color:
            return Style(reverse=True) if self.has_focus else Style(underline=True)
        name = "line--cursor" if self.has_focus else "line--cursor-blurred"
        return readable(self.get_component_rich_style(name, partial=True))
