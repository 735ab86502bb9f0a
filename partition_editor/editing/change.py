"""The result of a deed: the next text and what to call the step."""

from __future__ import annotations

from dataclasses import dataclass

from core.outcome import Refused
from partition_editor.document.lines import Document


@dataclass(frozen=True, slots=True)
class Change:
    """A step of the history.

    Attributes:
        label: What was done, as in an undo list: "grow /mydata on sda".
        line: Where the cursor belongs afterwards.
        note: What the operator should still know; usually empty.
    """

    document: Document
    label: str
    line: int = 1
    note: str = ""


def labelled(result: Document | Refused, label: str, line: int = 1, note: str = "") -> Change | Refused:
    """An edited document as a change; a refusal stays one, an edit that changes nothing too."""
    return result if isinstance(result, Refused) else Change(result, label, line, note)
