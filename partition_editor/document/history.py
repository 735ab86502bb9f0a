"""Undo and redo without limit, and named states. Documents share their lines, so a state costs next to nothing.

A `History` belongs to one editor and is used on one thread. Whoever must survive a crash observes it
(`partition_editor.document.journal`).
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from core.outcome import Refused
from partition_editor.document.lines import Document

REMEMBERED_ORIGIN = "as opened"


@dataclass(frozen=True, slots=True)
class State:
    """One state of the text.

    Attributes:
        label: What led here, in words: "grow /mydata on sda".
        cursor: Line the operator was on.
    """

    document: Document
    label: str
    cursor: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a history: ``record``, ``merge``, ``undo``, ``redo`` or ``name``."""

    kind: str
    state: State
    name: str = ""


class History:
    """The states of one document and where among them we are."""

    def __init__(self, document: Document, observer: Callable[[Event], None] | None = None) -> None:
        self._states = [State(document, REMEMBERED_ORIGIN)]
        self._position = 0
        self._named: dict[str, State] = {}
        self.observer = observer
        """Called after every change, before the method returns."""

    @property
    def state(self) -> State:
        """Where we are."""
        return self._states[self._position]

    @property
    def document(self) -> Document:
        """The text as it is now."""
        return self.state.document

    @property
    def original(self) -> Document:
        """The text as it was opened."""
        return self._states[0].document

    @property
    def undo_label(self) -> str:
        """What `undo` would take back; empty when there is nothing."""
        return self.state.label if self._position else ""

    @property
    def redo_label(self) -> str:
        """What `redo` would do again; empty when there is nothing."""
        return self._states[self._position + 1].label if self._position + 1 < len(self._states) else ""

    @property
    def named(self) -> dict[str, State]:
        """The states with names, oldest first."""
        return dict(self._named)

    def record(self, document: Document, label: str, cursor: int = 1, *, merge: bool = False) -> State:
        """Go on to a new state; whatever had been undone is given up.

        Args:
            document: The new text.
            label: What was done.
            cursor: Line the operator is on.
            merge: One of a run of small changes (typing): replaces the state before when that has the same label.
        """
        if document == self.document:
            return self.state
        state = State(document, label, cursor)
        merged = merge and self._position > 0 and self.state.label == label
        del self._states[self._position + (0 if merged else 1) :]
        self._states.append(state)
        self._position = len(self._states) - 1
        self._tell("merge" if merged else "record", state)
        return state

    def undo(self) -> State | None:
        """One step back; None at the beginning."""
        if not self._position:
            return None
        self._position -= 1
        self._tell("undo", self.state)
        return self.state

    def redo(self) -> State | None:
        """One undone step forward again; None when there is none."""
        if self._position + 1 >= len(self._states):
            return None
        self._position += 1
        self._tell("redo", self.state)
        return self.state

    def name(self, name: str) -> None:
        """Remember the present state under a name; a state of that name before is forgotten."""
        self._named[name] = self.state
        self._tell("name", self.state, name)

    def jump(self, name: str) -> State | Refused:
        """Go to a named state. It is a step like any other: `undo` takes it back."""
        state = self._named.get(name)
        if state is None:
            return Refused(f'there is no state named "{name}".')
        return self.record(state.document, f"back to {name}", state.cursor)

    def diff(self, before: str = "", after: str = "") -> str:
        """A unified diff between two named states.

        Args:
            before: A name; empty for the text as it was opened.
            after: A name; empty for the present text.
        """
        old = self._named[before].document if before in self._named else self.original
        new = self._named[after].document if after in self._named else self.document
        return show_diff(old, new, before or REMEMBERED_ORIGIN, after or "now")

    def _tell(self, kind: str, state: State, name: str = "") -> None:
        if self.observer is not None:
            self.observer(Event(kind, state, name))


def show_diff(old: Document, new: Document, old_name: str, new_name: str) -> str:
    """A unified diff of two documents; empty when they are equal. A missing last line end is said."""
    lines = []
    for text in difflib.unified_diff(
        [str(line) for line in old.lines], [str(line) for line in new.lines], old_name, new_name
    ):
        lines.append(text if text.endswith("\n") else text + "\n\\ no newline at the end\n")
    return "".join(lines)
