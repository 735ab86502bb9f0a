"""The program that `core.remote.carrier` sends to containers as text: looks at files, sends and receives them.

Only Python's own library, 3.6 or newer. Control goes to stderr, one JSON object a line; file contents go over a
socket or over stdin and stdout. When stdin ends the other side is gone, and this process ends.

A stream is frames: offset (8 bytes), length (4), digest (16), data. A receiver writes what it got into ``PATH.part``
and notes it in ``PATH.quarry-copy``; the file appears under its name only when all of it was read back and compared.

Its modules are put one after the other, so no two of them may use one name for two things.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

MODULES = ("wire", "facts", "sending", "notes", "receiving", "program")
"""In the order in which they need each other."""


@cache
def agent_text() -> str:
    """The whole program, for ``python -c``."""
    folder = Path(__file__).parent
    return "\n".join(_alone((folder / f"{name}.py").read_text(encoding="utf-8")) for name in MODULES)


def _alone(text: str) -> str:
    """A module without the imports of the others, which stand before it."""
    lines = text.splitlines()
    for node in ast.parse(text).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{__name__}."):
            end = node.end_lineno or node.lineno
            lines[node.lineno - 1 : end] = [""] * (end - node.lineno + 1)
    return "\n".join(lines)
