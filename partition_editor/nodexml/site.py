"""Rocks' site-profiles folder: which file a scheme goes into, what would change there, and the change, with a backup.

Blocking file work; worker threads.
"""

from __future__ import annotations

import difflib
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.document.files import decode
from partition_editor.nodexml.reading import MOST_BYTES


@dataclass(frozen=True, slots=True)
class SiteChange:
    """One file as it would become.

    Attributes:
        before: Its text now; None when there is no such file.
    """

    path: Path
    before: str | None
    after: str

    @property
    def diff(self) -> str:
        """Unified, with the file's name; empty when nothing would change."""
        old = (self.before or "").splitlines(keepends=True)
        new = self.after.splitlines(keepends=True)
        name = str(self.path)
        return "".join(difflib.unified_diff(old, new, name if self.before is not None else os.devnull, name))


def site_file(folder: Path, major: int) -> Path:
    """The file a scheme goes into: Rocks 7 has ``custom-partition`` for it, and sorts it right."""
    nodes = folder if folder.name == "nodes" else folder / "nodes"
    return nodes / ("replace-custom-partition.xml" if major >= 7 else "replace-partition.xml")


def read_site_file(path: Path) -> str | Refused:
    """A node file's text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return Refused(f"cannot read {path}: {error.strerror}.")
    if len(data) > MOST_BYTES:
        return Refused(f"{path} is larger than any node file.")
    return decode(data)


def apply_change(change: SiteChange) -> Path | None:
    """Write the file in one step, keeping its mode; return the backup of what was there, if anything was.

    Raises:
        PartitionError: It cannot be written, or was changed since it was read.
    """
    path = change.path
    what = f"cannot write {path}"
    try:
        now = decode(path.read_bytes()) if path.exists() else None
        if now != change.before:
            raise PartitionError(what, "somebody changed it meanwhile", "look at the difference again")
        backup = None
        mode = 0o644
        if now is not None:
            mode = path.stat().st_mode & 0o7777
            backup = path.with_name(f"{path.name}.{time.strftime('%Y%m%d-%H%M%S')}.bak")
            backup.write_bytes(path.read_bytes())
            backup.chmod(mode)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(change.after.encode("utf-8", "surrogateescape"))
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError as error:
        raise PartitionError(what, error.strerror or str(error), "check the folder and its rights") from error
    return backup
