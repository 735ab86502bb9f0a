"""``set host pxeboot``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.values import one_of

if TYPE_CHECKING:
    from core.store.repository import Repository

ACTIONS = ("os", "install")


def run(call: Invocation) -> None:
    """Write Rocks 5.0's boot rows of hosts."""
    action = one_of("action", call.needed("action", "must supply an action"), ACTIONS)

    def work(repository: Repository) -> None:
        for node in require_hosts(repository, call.hosts, "must supply host"):
            repository.boot.set_pxe_action(node.id, action)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "host", "pxeboot"),
    summary="Set what hosts boot by Rocks 5.0's rows; set host boot writes these too.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(Parameter("action", "os or install", choices=ACTIONS),),
    examples=("set host pxeboot compute-0-0-0 action=os",),
    changes=True,
)
