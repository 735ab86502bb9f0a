"""``set host boot``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.dialect import dialect_of
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository

ACTIONS = ("os", "run", "install")


def run(call: Invocation) -> None:
    """Say what hosts boot next."""
    action = call.text("action")
    if action is not None and action not in ACTIONS:
        refuse('invalid action. action must be "os", "run" or "install"')
    if action is None:
        refuse(
            "must supply host" if not call.hosts else 'must supply an action: action must be "os", "run" or "install"'
        )

    pxe = call.flag("pxe", default=True)

    def work(repository: Repository) -> None:
        later = dialect_of(repository).is_later or not pxe
        for node in require_hosts(repository, call.hosts, "must supply host"):
            repository.boot.set_action(node.id, action)
            if not later:
                # Rocks 5.0 looked here, and so does the Xen configuration we print.
                repository.boot.set_pxe_action(node.id, "install" if action == "install" else "os")

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "host", "boot"),
    summary="Set what hosts do at their next boot: install themselves or run what they have.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("action", "os, run or install", choices=ACTIONS),
        Parameter("pxe", "in a store of Rocks 5.0, write pxeboot too (yes)", kind=Kind.BOOL),
    ),
    examples=("set host boot compute-0-0-0 action=install",),
    changes=True,
)
