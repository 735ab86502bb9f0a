"""``add host pxeaction``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation

if TYPE_CHECKING:
    from core.store.repository import Repository

EVERY_NODE = 0


def run(call: Invocation) -> None:
    """Add a Rocks 5.0 boot rule for hosts, or for every host."""
    action = call.needed("action", "must supply an action")
    command, args = call.text("command") or "", call.text("args") or ""

    def work(repository: Repository) -> None:
        targets = [EVERY_NODE]
        if call.hosts != ("global",):
            targets = [node.id for node in require_hosts(repository, call.hosts, "must supply host")]
        for node in targets:
            repository.boot.add_pxe_rule(node, action, command, args)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("add", "host", "pxeaction"),
    summary="Add a Rocks 5.0 boot rule: the command and arguments of an action.",
    run=run,
    arguments=(Argument("host", "host list, or global for every host", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("action", "install or os", choices=("install", "os")),
        Parameter("args", "kernel arguments"),
        Parameter("command", "kernel vmlinuz"),
    ),
    examples=("add host pxeaction compute-0-0-0 action=install command='kernel vmlinuz' args='ks ksdevice=eth0'",),
    changes=True,
)
