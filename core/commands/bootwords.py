"""What ``set host installaction`` and ``set host runaction`` share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.hostlist import require_hosts
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.repository import Repository
    from core.store.repository.nodes import NodeChanges

USUAL = frozenset({"install", "os"})
"""Actions every node has by default, also in a store that describes no boot actions."""


def set_action(call: Invocation, column: str) -> None:
    """Set the boot action hosts install or run by; ``none`` takes it away.

    Args:
        column: ``installaction`` or ``runaction``.
    """
    action = call.text("action")
    if not action:
        refuse("must supply an action" if call.hosts else "must supply host")

    def work(repository: Repository) -> None:
        known = repository.boot.find_bootaction(action)
        if known is None and action.lower() not in USUAL | {"none"}:
            refuse(f'action "{action}" does not exist')
        value = None if action.lower() == "none" else known.action if known else action.lower()
        changes: NodeChanges = {"installaction": value} if column == "installaction" else {"runaction": value}
        for node in require_hosts(repository, call.hosts, "must supply host"):
            repository.nodes.update(node.id, **changes)

    call.change(work, " ".join(call.hosts))
