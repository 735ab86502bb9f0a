"""The crash journal: every edit is on disk before the operator sees it, so that a dropped line loses nothing.

One file a session, append-only, one JSON object a line, synced after each. A file that nobody holds locked belongs to
a session that died; `recover` brings its history back, undo steps and named states included. A torn last line is
ignored. Files are readable by their owner only (texts may hold passphrases). Used on one thread.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from core.errors import PartitionError
from partition_editor.document.history import Event, History
from partition_editor.document.lines import Document, split_lines

VERSION = 1
SUFFIX = ".edits"


@dataclass(frozen=True, slots=True)
class LostSession:
    """A session whose editor is gone.

    Attributes:
        source: The file or node that was being edited, as given to `Journal.create`.
        edits: How many steps were made.
        modified_s: When the last one was made, seconds since the epoch.
    """

    path: Path
    source: str
    edits: int
    modified_s: float


class Journal:
    """The journal of one running session; observes a `History`."""

    def __init__(self, path: Path, descriptor: int, document: Document) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        self._last = document

    @classmethod
    def create(cls, folder: Path, source: str, document: Document) -> Journal:
        """Begin a journal in a folder, which is made when it is missing.

        Raises:
            PartitionError: The folder or file cannot be written.
        """
        path = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise PartitionError("cannot keep a journal of the edits", str(error)) from error
        journal = cls(path, descriptor, document)
        journal._write({"version": VERSION, "source": source, "text": str(document)})
        return journal

    @classmethod
    def resume(cls, path: Path) -> tuple[Journal, History]:
        """Take over a lost session: its history, observed again, and its journal, which goes on.

        Raises:
            PartitionError: The file cannot be read or is no journal, or another editor has taken it.
        """
        history = recover(path)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.ftruncate(descriptor, _whole_length(path.read_bytes()))
            except OSError:
                os.close(descriptor)
                raise
        except OSError as error:
            raise PartitionError("cannot take over the lost session", str(error)) from error
        journal = cls(path, descriptor, history.document)
        history.observer = journal.observe
        return journal, history

    def observe(self, event: Event) -> None:
        """Write down one event of the history.

        Raises:
            PartitionError: The file cannot be written (disk full).
        """
        record: dict[str, object] = {"do": event.kind}
        if event.kind in ("record", "merge"):
            first, removed, text = splice(self._last, event.state.document)
            record |= {"at": first, "removed": removed, "text": text}
            record |= {"label": event.state.label, "cursor": event.state.cursor}
        elif event.kind == "name":
            record["name"] = event.name
        self._last = event.state.document
        self._write(record)

    def close(self, *, keep: bool = False) -> None:
        """End the session; the file goes, unless it is to be kept for `recover`."""
        if self._descriptor is None:
            return
        if not keep:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def _write(self, record: dict[str, object]) -> None:
        if self._descriptor is None:
            raise PartitionError("the journal is closed")
        try:
            data = (json.dumps(record) + "\n").encode("ascii")
            while data:
                data = data[os.write(self._descriptor, data) :]
            os.fsync(self._descriptor)
        except OSError as error:
            raise PartitionError("cannot write the journal of the edits", str(error), "save the text now") from error


def splice(old: Document, new: Document) -> tuple[int, int, str]:
    """The one run of lines that differs: its first line (1-based), how many went, and the text that came."""
    before, after = old.lines, new.lines
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    text = "".join(str(line) for line in after[head : len(after) - tail])
    return head + 1, len(before) - head - tail, text


def lost_sessions(folder: Path) -> list[LostSession]:
    """The journals in a folder that no running editor holds, newest first; unreadable ones are left out."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")) if folder.is_dir() else ():
        try:
            with path.open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
                records = _records(stream.read())
                modified_s = os.fstat(stream.fileno()).st_mtime
        except OSError:
            continue
        if records and records[0].get("version") == VERSION:
            found.append(LostSession(path, str(records[0].get("source", "")), len(records) - 1, modified_s))
    return sorted(found, key=lambda one: (-one.modified_s, one.path))


def recover(path: Path) -> History:
    """Bring back a lost session's history; nobody observes it yet.

    Raises:
        PartitionError: The file cannot be read or is no journal.
    """
    try:
        records = _records(path.read_bytes())
    except OSError as error:
        raise PartitionError("cannot read the journal", str(error)) from error
    if not records or records[0].get("version") != VERSION:
        raise PartitionError(f"{path.name} is no journal of edits")
    history = History(Document(split_lines(str(records[0].get("text", "")))))
    for record in records[1:]:
        _replay(history, record)
    return history


def _replay(history: History, record: dict[str, object]) -> None:
    match record.get("do"):
        case "record" | "merge" as kind:
            at, removed, cursor = record.get("at"), record.get("removed"), record.get("cursor")
            if isinstance(at, int) and isinstance(removed, int) and isinstance(cursor, int):
                lines = split_lines(str(record.get("text", "")))
                document = history.document.with_lines(at, at + removed, lines)
                history.record(document, str(record.get("label", "")), cursor, merge=kind == "merge")
        case "undo":
            history.undo()
        case "redo":
            history.redo()
        case "name":
            history.name(str(record.get("name", "")))


def _whole_length(data: bytes) -> int:
    """How many bytes the whole records take."""
    return sum(len(line) + 1 for line in data.split(b"\n")[: len(_records(data))])


def _records(data: bytes) -> list[dict[str, object]]:
    """The whole records; reading ends at the first torn or foreign line."""
    records: list[dict[str, object]] = []
    for line in data.split(b"\n")[:-1]:
        try:
            record = json.loads(line)
        except ValueError:
            break
        if not isinstance(record, dict):
            break
        records.append(record)
    return records
