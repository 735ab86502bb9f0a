"""Stores as most tests want them: made once, then copied, which takes a tenth of the time."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.store.store import Store


def put_fresh_store(path: Path) -> None:
    """Put a store with Rocks' usual rows and nothing else at a path, as opening one there would make it."""
    path.write_bytes(_fresh())


@cache
def _fresh() -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "fresh.sqlite"
        Store.open(f"sqlite:///{path}").close()
        return path.read_bytes()
