"""One row of the action table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.operations.plan import Confirm


class Context(Enum):
    """Where a key works. Values head the groups of the help screen."""

    TREE = "Tree"
    DETAILS = "Details"
    LOG = "Log"
    HOSTS = "Containers"
    JOBS = "Jobs"
    PREVIEW = "Fleet preview"
    LIST = "Lists and texts"
    CONFIRM = "Confirmation"
    CONSOLE = "Consoles, after the escape key"
    PARTITIONS = "Partition editor"


_GROUPS = {
    "vm": "Virtual machines",
    "view": "Views, help and leaving",
    "app": "Views, help and leaving",
    "list": Context.LIST.value,
}
"""Headings in the help screen by the first word of the ids; the others stand under their context."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something a key does.

    Attributes:
        id: What the settings file's ``[tui.keys]`` and the command bar call it.
        keys: Default keys: single characters as they are, others by Textual's names ("ctrl+r", "escape").
        label: One or two words for the footer.
        help: One sentence for the help screen and the command palette.
        contexts: Where the key works.
        verb: Verb of `core.operations` it compiles to; empty when it is not a lifecycle action.
        command: The same as a line of the command bar; ``{vms}`` stands for the targets' names.
        confirm: How much asking it needs; a plan may ask for more.
        writes: It changes something, so that read-only mode refuses it.
        performed: `tui.actions.perform` carries it out. False: a widget owns the key and the table describes it.
        footer: Place in the footer, lower first; None leaves it out.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    contexts: frozenset[Context]
    verb: str = ""
    command: str = ""
    confirm: Confirm = Confirm.NONE
    writes: bool = False
    performed: bool = True
    footer: int | None = None

    @property
    def group(self) -> str:
        """Heading in the help screen."""
        named = _GROUPS.get(self.id.partition(".")[0])
        if named is not None:
            return named
        return next(one.value for one in Context if one in self.contexts)
