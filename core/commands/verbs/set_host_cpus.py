"""``set host cpus``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation, whole_number
from core.commands.live import apply_live
from core.commands.locking import refuse_locked
from core.commands.refusal import refuse
from core.commands.values import MOST_CPUS

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set the number of CPUs of nodes."""
    text = call.text("cpus")
    if not text:
        refuse("must supply cpus" if call.hosts and not call.hosts[0].isdecimal() else "must supply host")

    def work(repository: Repository) -> list[str]:
        nodes = require_hosts(repository, call.hosts, "must supply host")
        refuse_locked(repository, nodes)
        cpus = whole_number("cpus", text, 1, MOST_CPUS)
        for node in nodes:
            repository.nodes.update(node.id, cpus=cpus)
        guests = {vm.node for vm in repository.vms.all()}
        return [node.name for node in nodes if node.id in guests]

    apply_live(call, call.change(work, " ".join(call.hosts)), cpus=whole_number("cpus", text, 1, MOST_CPUS))


COMMAND = Command(
    words=("set", "host", "cpus"),
    summary="Set the number of CPUs of nodes; a running VM gets them at once where its hypervisor can.",
    run=run,
    arguments=(
        Argument("host", "host list", many=True, noun=Noun.HOST),
        Argument("cpus", "how many", noun=Noun.NOTHING),
    ),
    examples=("set host cpus compute-0-0-0 4",),
    changes=True,
)
