"""Rows of the table: what was measured, how much it was, what it should be."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

MARK = "FIGURE "
"""Begins a line on stdout that carries a row from a section's process to the runner."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row.

    Attributes:
        value: None when it could not be measured; `note` says why.
        target: What the product must reach, as a number in the same unit; None where there is no target.
        at_least: The target is a lower bound.
    """

    what: str
    value: float | None
    unit: str
    target: float | None = None
    note: str = ""
    at_least: bool = False

    @property
    def verdict(self) -> str:
        """``met``, or by how much not."""
        if self.value is None:
            return "not measured"
        if self.target is None:
            return ""
        if (self.value >= self.target) if self.at_least else (self.value <= self.target):
            return "met"
        return f"missed: {self.value / self.target:.2g} times the target"

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row as text: what, measured, target, verdict and note."""
        shown = "-" if self.value is None else f"{number(self.value)} {self.unit}"
        bound = "at least " if self.at_least else ""
        wanted = "" if self.target is None else f"{bound}{number(self.target)} {self.unit}"
        return self.what, shown, wanted, "; ".join(one for one in (self.verdict, self.note) if one)


def number(value: float) -> str:
    """Three significant digits, no exponent."""
    if value and abs(value) < 10:
        return f"{value:.3g}"
    return f"{value:.0f}"


def emit(figure: Figure) -> None:
    """Hand a row to the runner; past Textual, which takes what is printed while an app runs."""
    print(MARK + json.dumps(asdict(figure)), flush=True, file=sys.__stdout__)


def received(text: str) -> list[Figure]:
    """The rows in what a section printed."""
    return [Figure(**json.loads(line.removeprefix(MARK))) for line in text.splitlines() if line.startswith(MARK)]


def p95(samples: Sequence[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(samples, n=20)[-1] if len(samples) > 1 else float("nan")


def as_table(figures: Sequence[Figure]) -> str:
    """Markdown."""
    rows = [("what", "measured", "target", ""), *(one.cells for one in figures)]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return "\n".join([lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]])
