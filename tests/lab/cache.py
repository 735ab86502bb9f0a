"""Where the labs keep what is slow to make: kernels, file system images, saved machine states.

Outside the checkout, so that a fresh clone on the same machine finds it again; ``QUARRY_LAB_CACHE`` names another
folder. Everything in it can be made anew.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import platformdirs


def cache_folder(name: str) -> Path:
    """The cache folder of one lab, made when missing."""
    root = os.environ.get("QUARRY_LAB_CACHE") or platformdirs.user_cache_dir("quarry-lab", appauthor=False)
    folder = Path(root) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def building(folder: Path) -> Iterator[None]:
    """Hold the folder for building, so that two test runs never build the same thing at once."""
    with (folder / "lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
