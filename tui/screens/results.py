"""How an action ended, VM by VM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.operations.plan import TargetResult
from tui.screens.dialog import Dialog
from tui.screens.plan_text import result_lines, summary
from tui.widgets.lines import Lines


class ResultsScreen(Dialog[None]):
    """Done, skipped and failed with why and what to do. Failures come first."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,q", "leave", "Close", show=False)]

    def __init__(self, title: str, results: Sequence[TargetResult]) -> None:
        super().__init__(f"{title}: {summary(results)}")
        self._results = results

    def body(self) -> Iterable[Widget]:
        """One line per VM."""
        lines = Lines(result_lines(self._results, self.app.has_class("-ascii")), id="results")
        lines.add_class("grows")
        yield lines

    def keys(self) -> Iterable[tuple[str, str]]:
        """Only ways out."""
        return (("Esc", "Close"),)
