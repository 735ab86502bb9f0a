"""Commands of the partition editor's room, one a file, as in `core.commands.verbs`.

Whoever composes the program calls `add_verbs` once; `core` may not import this room.
"""

from __future__ import annotations

from pathlib import Path

from core.commands.registry import add_package


def add_verbs() -> None:
    """Make the commands of this package known."""
    add_package(__name__, Path(__file__).parent)
