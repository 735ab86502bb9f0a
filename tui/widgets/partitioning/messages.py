"""What the editor's parts tell the screen."""

from __future__ import annotations

from textual.message import Message

from partition_editor.document.lines import Document
from partition_editor.findings import Finding
from tui.widgets.partitioning.rows import Key


class Chosen(Message):
    """Another row or segment has the cursor."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key


class Folded(Message):
    """Something in the table was folded or unfolded."""


class Opened(Message):
    """Enter, or a second click, on a row or segment."""


class Typed(Message):
    """The operator changed the text by hand.

    Attributes:
        label: For the undo list.
        line: Where the cursor is now.
        column: 0-based.
    """

    def __init__(self, document: Document, label: str, line: int, column: int) -> None:
        super().__init__()
        self.document = document
        self.label = label
        self.line = line
        self.column = column


class LineReached(Message):
    """The source's cursor is on another line."""

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line


class FindingReached(Message):
    """The cursor is on another finding; `goes`: its line is wanted."""

    def __init__(self, finding: Finding, *, goes: bool = False) -> None:
        super().__init__()
        self.finding = finding
        self.goes = goes


class Moved(Message):
    """The cursor is on something else, or what it is on looks different now; `by_hand`: the operator moved it."""

    def __init__(self, *, by_hand: bool = False) -> None:
        super().__init__()
        self.by_hand = by_hand
