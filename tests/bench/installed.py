"""The product as `pip install` leaves it: copied, with its bytecode beside it.

A checkout may have been told to write no bytecode; compiling some two hundred modules at every start is then half of
what would be measured.
"""

from __future__ import annotations

import compileall
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "partition_editor", "tui")


@cache
def installed() -> Path:
    """A folder with the packages, made once and gone with this process."""
    folder = tempfile.TemporaryDirectory(prefix="quarry-bench-")
    for name in PACKAGES:
        shutil.copytree(ROOT / name, Path(folder.name) / name, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(folder.name, quiet=2)
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def environment() -> dict[str, str]:
    """Environment of a Python that imports those packages, and the benches from the checkout."""
    return {**os.environ, "PYTHONPATH": f"{installed()}{os.pathsep}{ROOT}", "PYTHONSAFEPATH": "1"}
