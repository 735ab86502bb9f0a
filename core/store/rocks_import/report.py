"""What an import did, or would do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ImportNote:
    """One row that did not come over as it was.

    Attributes:
        table: Rocks' table.
        row: The row in a few words ("node compute-0-0", "id 12").
        what: What was done and why, in a sentence.
    """

    table: str
    row: str
    what: str

    @property
    def sentence(self) -> str:
        """One line for a terminal."""
        return f"{self.table}: {self.row}: {self.what}"


@dataclass(slots=True)
class ImportReport:
    """The result of `import_rocks`.

    Attributes:
        added, updated, unchanged: Rows of the store, by table.
        changed: Rows taken, but not as they were.
        refused: Rows left out.
        skipped_tables: Tables with rows that have no place here, with their number of rows.
    """

    source: str
    dry_run: bool
    added: Counter[str] = field(default_factory=Counter)
    updated: Counter[str] = field(default_factory=Counter)
    unchanged: Counter[str] = field(default_factory=Counter)
    changed: list[ImportNote] = field(default_factory=list)
    refused: list[ImportNote] = field(default_factory=list)
    skipped_tables: dict[str, int] = field(default_factory=dict)

    @property
    def wrote_anything(self) -> bool:
        """Whether the store is (or, in a dry run, would be) different."""
        return bool(self.added.total() or self.updated.total())

    def lines(self) -> list[str]:
        """The report as lines for a terminal: totals by table, then every note."""
        tables = sorted({*self.added, *self.updated, *self.unchanged})
        lines = [
            f"{name}: {self.added[name]} added, {self.updated[name]} updated, {self.unchanged[name]} unchanged"
            for name in tables
        ]
        lines += [f"changed  {note.sentence}" for note in self.changed]
        lines += [f"refused  {note.sentence}" for note in self.refused]
        lines += [f"not taken  {name}: {count} rows" for name, count in sorted(self.skipped_tables.items())]
        if self.dry_run:
            lines.append("nothing was written: this was a dry run")
        return lines
