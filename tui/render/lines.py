"""The vocabulary between records and paint: a line is spans, a span is text with a role.

A role says what a text *is* (a running state, a title), never how it looks; the theme decides that. Every text from
outside is cleaned by `tui.render.text` before it becomes a span, and nothing here is ever read as markup.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from tui.render.text import cells


class Role(Enum):
    """What a span is; values are the names of the widgets' component classes without their prefix."""

    TEXT = "text"
    DIM = "dim"
    GRAPH = "graph"
    TITLE = "title"
    GROUP = "group"
    RUNNING = "running"
    PAUSED = "paused"
    SAVED = "saved"
    OFF = "off"
    BUSY = "busy"
    CRASHED = "crashed"
    UNKNOWN = "unknown"
    WARNING = "warning"
    MARK = "mark"


class Span(NamedTuple):
    """A run of text with one role."""

    text: str
    role: Role = Role.TEXT


Line = tuple[Span, ...]
"""One line of the screen, left to right."""


def line_width(line: Line) -> int:
    """Display cells a line takes."""
    return sum(cells(span.text) for span in line)


def plain(line: Line) -> str:
    """A line's text without roles, right side trimmed: for searching, copying and tests."""
    return "".join(span.text for span in line).rstrip()
