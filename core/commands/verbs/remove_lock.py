"""``remove lock``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Release VMs whose holder is gone."""
    with call.reading() as repository:
        nodes = require_hosts(repository, call.hosts, "must supply at least one host")
        held = [lock for node in nodes if (lock := repository.locks.holder(node.id)) is not None]
    if not held:
        refuse(f"nobody holds {' '.join(call.hosts)}")
    lines = [f"{one.name} is held by {one.owner} on {one.host}: {one.reason}" for one in held]
    call.confirm([*lines, "Whoever holds it may still be at work."], f"remove {len(held)}")

    def work(repository: Repository) -> None:
        for one in held:
            repository.locks.release(one.node, job=one.job)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "lock"),
    summary="Release VMs that a job or operator holds who will never come back.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.VM),),
    examples=("remove lock compute-0-0-0",),
    changes=True,
)
