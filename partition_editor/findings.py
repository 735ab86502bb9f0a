"""Findings: what is wrong or noteworthy about a text on a node, by rule, with the fixes the editor can make."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """Error: refuse to deploy. Warning: think twice. Info: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the document: 1-based line, 0-based column and length in characters."""

    line: int
    column: int = 0
    length: int = 0


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace what `span` covers by `text`; with `whole_line` the line itself (None removes it)."""

    span: Span
    text: str | None
    whole_line: bool = False


@dataclass(frozen=True, slots=True)
class Fix:
    """A set of edits that mends a finding.

    Attributes:
        label: What the key says: "write --size=8000".
    """

    label: str
    edits: tuple[TextEdit, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of one rule.

    Attributes:
        rule: Its id in `docs/partition-rules.md`: ``KS002``, ``PT015``.
        device: Disk, partition, array or volume concerned; empty when the text alone is.
    """

    rule: str
    severity: Severity
    message: str
    span: Span | None = None
    device: str = ""
    fixes: tuple[Fix, ...] = ()
