"""One editing session without a screen: the text's history, the node it is for, the crash journal, the picture.

Used on one thread. Only `draw_later` hands work out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.disks import Disk, Firmware, Profile
from partition_editor.document.history import History, State, show_diff
from partition_editor.document.journal import Journal, LostSession, lost_sessions
from partition_editor.document.lines import Document
from partition_editor.editing.change import Change
from partition_editor.options import releases
from partition_editor.picture import Picture, draw

Result = TypeVar("Result")

QUICK_LINES = 40
"""A text of at most so many lines is worked out within a key press, however slow the machine."""

QUICK_S = 0.004
"""A longer one, too, when the last time took no more processor time than this; else it is left to another thread."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and the seconds of processor time it took."""

    picture: Picture
    took_s: float


class Session:
    """A text being edited for a node.

    Attributes:
        name: What is edited, for titles: a file's or a node's name.
        source: What the journal knows it by.
        saved: The text as it is in its file.
        journal_trouble: Why edits are no longer written to the journal; empty when all is well.
    """

    def __init__(
        self,
        document: Document,
        disks: Sequence[Disk] = (),
        profile: Profile | None = None,
        *,
        name: str = "",
        node: str = "",
        source: str = "",
    ) -> None:
        self.history = History(document)
        self.disks = tuple(disks)
        self.profile = profile or Profile()
        self.name = name
        self.node = node
        self.source = source or name
        self.saved = document
        self.journal_trouble = ""
        self._journal: Journal | None = None
        self._picture: Picture | None = None
        self._took_s = 0.0

    @property
    def document(self) -> Document:
        """The text as it is now."""
        return self.history.document

    @property
    def is_saved(self) -> bool:
        """The text is what its file holds."""
        return self.document == self.saved

    @property
    def picture(self) -> Picture:
        """The text worked out, as it is now; on this thread, should that not have happened yet."""
        if self.is_stale or self._picture is None:
            return self.accept(self.draw_later()())
        return self._picture

    @property
    def newest_picture(self) -> Picture:
        """The last picture there is, perhaps of an older text."""
        return self.picture if self._picture is None else self._picture

    @property
    def is_stale(self) -> bool:
        """The newest picture is not that of the present text, disks and profile."""
        one = self._picture
        if one is None or one.node != self.node:
            return True
        return (one.document, one.disks, one.profile) != (self.document, self.disks, self.profile)

    @property
    def is_quick(self) -> bool:
        """The text can be worked out at once: it is short, or hardly longer than one that took little time."""
        lines = len(self.document)
        if lines <= QUICK_LINES or self._picture is None:
            return lines <= QUICK_LINES
        return self._took_s <= QUICK_S and lines <= len(self._picture.document) + QUICK_LINES

    def draw_later(self) -> Callable[[], Drawn]:
        """What another thread may call to work the present text out; hand the result to `accept`."""
        return partial(_draw, self.document, self.disks, self.profile, self.node)

    def accept(self, drawn: Drawn) -> Picture:
        """Take a picture drawn elsewhere, unless that of the present text is there; returns the newest."""
        if self._picture is None or self.is_stale:
            self._picture, self._took_s = drawn.picture, drawn.took_s
        return self._picture

    def begin_journal(self, folder: Path) -> None:
        """Keep a journal from now on.

        Raises:
            PartitionError: The folder or file cannot be written.
        """
        self._journal = Journal.create(folder, self.source, self.document)
        self.history.observer = self._journal.observe

    def lost(self, folder: Path) -> list[LostSession]:
        """Sessions on the same thing that were cut off with edits in them, newest first."""
        return [one for one in lost_sessions(folder) if one.source == self.source and one.edits]

    def recover(self, lost: LostSession) -> None:
        """Go on where a lost session ended, its undo steps included.

        Raises:
            PartitionError: Its journal cannot be read, or another editor has taken it.
        """
        journal, history = Journal.resume(lost.path)
        self.close()
        self._journal, self.history = journal, history

    def apply(self, change: Change, *, merge: bool = False) -> State:
        """Make a change a step of the history.

        Args:
            change: The next text and what led to it.
            merge: It continues a run of small ones (typing) of the same label.
        """
        return self._guarded(
            lambda: self.history.record(change.document, change.label, change.line, merge=merge)
        ) or (self.history.state)

    def undo(self) -> State | None:
        """One step back; None at the beginning."""
        label = self.history.undo_label
        return self._guarded(self.history.undo) or (self.history.state if label else None)

    def redo(self) -> State | None:
        """One step forward again; None when there is none."""
        label = self.history.redo_label
        return self._guarded(self.history.redo) or (self.history.state if label else None)

    def name_state(self, name: str) -> None:
        """Remember the present text under a name."""
        self._guarded(lambda: self.history.name(name))

    def jump(self, name: str) -> State | Refused:
        """Go to a named state; `undo` takes it back."""
        return self._guarded(lambda: self.history.jump(name)) or self.history.state

    def reset(self) -> State:
        """Back to the text as it was opened, as one more step."""
        return self.apply(Change(self.history.original, "reset"))

    def diff(self) -> str:
        """What writing would change in the file."""
        return show_diff(self.saved, self.document, "in the file", "to be written")

    def written(self) -> None:
        """The present text is in the file now."""
        self.saved = self.document

    def visit(self, node: str, disks: Sequence[Disk], profile: Profile) -> None:
        """Look at the same text on another node; history and journal go on."""
        self.name = self.node = node
        self.disks, self.profile = tuple(disks), profile

    def set_profile(self, *, release: str = "", firmware: str = "", rocks: int | None = None) -> Refused | None:
        """Plan and check for another release, firmware or Rocks version."""
        profile = self.profile
        if release:
            known = {one.upper(): one for one in releases()}
            if release.upper() not in known:
                return Refused(f"there is no release {release}; RHEL5 to RHEL10, or a Fedora as F45.")
            profile = replace(profile, release=known[release.upper()])
        if firmware:
            kind = next((one for one in Firmware if one.value == firmware.lower()), None)
            if kind is None:
                return Refused(f"there is no firmware {firmware}: bios or uefi.")
            profile = replace(profile, firmware=kind)
        if rocks is not None:
            profile = replace(profile, rocks=rocks or None)
        self.profile = profile
        return None

    def close(self, *, keep_journal: bool = False) -> None:
        """End the session; its journal goes, unless it is kept for another day."""
        self.history.observer = None
        if self._journal is not None:
            self._journal.close(keep=keep_journal)
            self._journal = None

    def _guarded(self, step: Callable[[], Result]) -> Result | None:
        """A full disk must not stop the editing: the step is made, only the journal ends."""
        try:
            return step()
        except PartitionError as error:
            self.history.observer = None
            self.journal_trouble = error.sentence
            return None


def _draw(document: Document, disks: Sequence[Disk], profile: Profile, node: str) -> Drawn:
    begin = time.thread_time()
    return Drawn(draw(document, disks, profile, node), time.thread_time() - begin)
