"""Every finding of the text, one line each, gravest marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from partition_editor.findings import Finding, Severity
from tui.render.lines import Line, Role, Span
from tui.render.text import cells, clean, fit
from tui.widgets.partitioning.cursor_list import CursorList
from tui.widgets.partitioning.messages import FindingReached

ROLES = {Severity.ERROR: Role.CRASHED, Severity.WARNING: Role.WARNING, Severity.INFO: Role.DIM}
MARKS = {Severity.ERROR: "✖", Severity.WARNING: "!", Severity.INFO: "i"}
ASCII_MARKS = {Severity.ERROR: "X", Severity.WARNING: "!", Severity.INFO: "i"}
ORDER = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}


def mark_of(severity: Severity, *, ascii_only: bool = False) -> str:
    """One cell for a severity."""
    return (ASCII_MARKS if ascii_only else MARKS)[severity]


class FindingsList(CursorList[Finding]):
    """Findings, the gravest first; the cursor stays on a finding while it exists."""

    NOTHING = "nothing to find fault with"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "enter", "To its line", show=False)]

    def __init__(
        self,
        *,
        fix_key: str = "a",
        ascii_only: bool = False,
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        super().__init__(ascii_only=ascii_only, id=id)
        self._fix_key = fix_key

    @property
    def findings(self) -> Sequence[Finding]:
        """In the order shown."""
        return self._items

    @property
    def finding(self) -> Finding | None:
        """Under the cursor."""
        return self.item

    def show(self, findings: Sequence[Finding]) -> None:
        """Show other findings."""
        before = self.finding
        ordered = sorted(findings, key=lambda one: ORDER[one.severity])
        places = [index for index, one in enumerate(ordered) if one == before]
        self._strips = {}
        self.set_items(ordered, places[0] if places else self._at)

    def choose_line(self, line: int) -> None:
        """Go to the gravest finding of a line of the text, if there is one."""
        for index, one in enumerate(self._items):
            if one.span is not None and one.span.line == line:
                self.put_cursor(index)
                return

    def line_of(self, item: Finding, width: int) -> Line:
        """Mark, rule and sentence; the key that mends it at the end."""
        more = f" or {len(item.fixes) - 1} more" if len(item.fixes) > 1 else ""
        fix = f"  {self._fix_key} {clean(item.fixes[0].label)}{more}" if item.fixes else ""
        fix = fix if cells(fix) < width // 2 else f"  {self._fix_key} fix" if item.fixes else ""
        mark = mark_of(item.severity, ascii_only=self._ascii)
        words = f"{mark} {item.rule} {clean(item.message)}"
        return (Span(fit(words, max(0, width - cells(fix))), ROLES[item.severity]), Span(fix, Role.MARK))

    def reached(self) -> None:
        """The other parts follow."""
        self._tell()

    def action_enter(self) -> None:
        """To its line in the source."""
        self._tell(goes=True)

    def _tell(self, *, goes: bool = False) -> None:
        if self.finding is not None:
            self.post_message(FindingReached(self.finding, goes=goes))
