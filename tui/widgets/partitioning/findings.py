"""Every finding of the text, one line each, gravest marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from partition_editor.findings import Finding, Severity
from tui.render.lines import Line, Role, Span
from tui.render.strips import to_strip
from tui.render.text import cells, clean, fit
from tui.widgets.painted import PaintedLines
from tui.widgets.partitioning.messages import FindingReached

ROLES = {Severity.ERROR: Role.CRASHED, Severity.WARNING: Role.WARNING, Severity.INFO: Role.DIM}
MARKS = {Severity.ERROR: "✖", Severity.WARNING: "!", Severity.INFO: "i"}
ASCII_MARKS = {Severity.ERROR: "X", Severity.WARNING: "!", Severity.INFO: "i"}
ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def mark_of(severity: Severity, *, ascii_only: bool = False) -> str:
    """One cell for a severity."""
    return (ASCII_MARKS if ascii_only else MARKS)[severity]


class FindingsList(PaintedLines, can_focus=True):
    """Findings, the gravest first; the cursor stays on a finding while it exists."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="partitions.up"),
        Binding("down,j", "move(1)", "Down", show=False, id="partitions.down"),
        Binding("home", "move(-1000000)", "Top", show=False, id="partitions.first"),
        Binding("end", "move(1000000)", "Bottom", show=False, id="partitions.last"),
        Binding("pageup", "move(-10)", "Page up", show=False, id="partitions.page-up"),
        Binding("pagedown", "move(10)", "Page down", show=False, id="partitions.page-down"),
        Binding("enter", "go", "To its line", show=False),
    ]

    def __init__(
        self,
        *,
        fix_key: str = "a",
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(id=id)
        self._ascii = ascii_only
        self._fix_key = fix_key
        self._findings: Sequence[Finding] = ()
        self._at = 0
        self._strips: dict[tuple[Finding, int], Strip] = {}

    @property
    def findings(self) -> Sequence[Finding]:
        """In the order shown."""
        return self._findings

    @property
    def finding(self) -> Finding | None:
        """Under the cursor."""
        return self._findings[self._at] if 0 <= self._at < len(self._findings) else None

    def show(self, findings: Sequence[Finding]) -> None:
        """Show other findings."""
        before = self.finding
        self._findings = sorted(findings, key=lambda one: ORDER[one.severity])
        places = [index for index, one in enumerate(self._findings) if one == before]
        self._at = places[0] if places else max(0, min(self._at, len(self._findings) - 1))
        self._strips = {}
        self.set_line_count(max(1, len(self._findings)))
        self.show_line(self._at)
        self.repaint()

    def choose_line(self, line: int) -> None:
        """Go to the gravest finding of a line of the text, if there is one."""
        for index, one in enumerate(self._findings):
            if one.span is not None and one.span.line == line:
                self._at = index
                self.show_line(index)
                self.repaint()
                return

    def paint(self, y: int) -> Strip:
        """One finding."""
        width = self.text_size.width
        index = self.top + y
        if not self._findings and y == 0:
            return to_strip((Span("nothing to find fault with", Role.DIM),), self.palette, width)
        if index >= len(self._findings):
            return Strip.blank(width, self.palette[Role.TEXT])
        one = self._findings[index]
        if index == self._at:
            over = self.get_component_rich_style("line--cursor" if self.has_focus else "line--cursor-blurred")
            return to_strip(self._line(one, width), self.palette, width, over)
        strip = self._strips.get((one, width))
        if strip is None:
            strip = self._strips[one, width] = to_strip(self._line(one, width), self.palette, width)
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

    def _line(self, one: Finding, width: int) -> Line:
        role = ROLES[one.severity]
        more = f" or {len(one.fixes) - 1} more" if len(one.fixes) > 1 else ""
        fix = f"  {self._fix_key} {clean(one.fixes[0].label)}{more}" if one.fixes else ""
        fix = fix if cells(fix) < width // 2 else f"  {self._fix_key} fix" if one.fixes else ""
        mark = mark_of(one.severity, ascii_only=self._ascii)
        words = f"{mark} {one.rule} {clean(one.message)}"
        return (Span(fit(words, max(0, width - cells(fix))), role), Span(fix, Role.MARK))

    def action_move(self, step: int) -> None:
        """Up or down."""
        at = max(0, min(self._at + step, len(self._findings) - 1))
        if at != self._at:
            self._at = at
            self.show_line(at)
            self.repaint()
            self._tell()

    def action_go(self) -> None:
        """Enter: to its line in the source."""
        self._tell(goes=True)

    def on_click(self, event: events.Click) -> None:
        """A click chooses, a second one goes to the line."""
        if self.top + event.y < len(self._findings):
            self._at = self.top + event.y
            self.repaint()
            self._tell(goes=event.chain > 1)

    def _tell(self, *, goes: bool = False) -> None:
        if self.finding is not None:
            self.post_message(FindingReached(self.finding, goes=goes))
