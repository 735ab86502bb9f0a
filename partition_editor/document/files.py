"""Texts in and out of files, every byte as it is. Blocking; not for the screen's thread."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document

MOST_BYTES = 8 * 1024 * 1024
"""No partition text is larger; what is, was named by mistake."""


def decode(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 is carried along and written back unchanged."""
    return data.decode("utf-8", "surrogateescape")


def encode(document: Document) -> bytes:
    """The bytes that `decode` came from."""
    return str(document).encode("utf-8", "surrogateescape")


def open_document(path: Path) -> Document | Refused:
    """Read a file; a missing one, a folder, a device or a huge file is refused with the reason."""
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode) and not stat.S_ISFIFO(facts.st_mode):
            return Refused(f"{path} is not a file.")
        with path.open("rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        return Refused(f"cannot read {path}: {error.strerror}.")
    return document_of(data, str(path))


def document_of(data: bytes, name: str) -> Document | Refused:
    """A document from bytes, unless they are too many."""
    if len(data) > MOST_BYTES:
        return Refused(f"{name} is larger than {MOST_BYTES // 1024 // 1024} MiB; that is no partition text.")
    return read_document(decode(data))


def save_document(path: Path, document: Document, expected: bytes | None = None) -> Refused | None:
    """Write a file as a whole or not at all, keeping its owner and permissions; a new one is 0644.

    Args:
        path: Where to; a symbolic link is followed.
        document: What to.
        expected: What the file held when it was opened; when it holds something else now, nothing is written.

    Raises:
        PartitionError: The file cannot be written.
    """
    try:
        path = path.resolve()
        facts = path.stat() if path.exists() else None
        if facts is not None and expected is not None and path.read_bytes() != expected:
            return Refused(f"{path} was changed by somebody else in the meantime; look at the difference first.")
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                os.fchmod(stream.fileno(), stat.S_IMODE(facts.st_mode) if facts else 0o644)
                if facts is not None and (facts.st_uid, facts.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(stream.fileno(), facts.st_uid, facts.st_gid)
                stream.write(encode(document))
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PartitionError(f"cannot write {path}", str(error.strerror)) from error
    return None
