"""What stands around a node's text beside files: the schemes it may become, the nodes that share one."""

from __future__ import annotations

from typing import Protocol

from core.outcome import Refused
from partition_editor.scopes import NodeCase, ScopeText


class Surroundings(Protocol):
    """The store, as the editor of one node sees it. Every call blocks: not for the screen's thread."""

    def visit(self, name: str) -> NodeCase | Refused:
        """A node as it is in the store now. Raises StoreError."""

    def attach(self, scope: ScopeText, text: str) -> str | Refused:
        """Make a text the newest version of a scope's scheme; returns what to say. Raises StoreError."""
