"""``set host vm cdrom``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.cdrom import set_cdrom
from core.commands.command import Argument, Command, Noun
from core.commands.hostlist import single_host
from core.commands.invocation import Invocation
from core.commands.live import apply_live
from core.commands.locking import refuse_locked
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Set what is in a VM's CD drive."""
    path = call.needed("cdrom", "must supply cdrom: the absolute path of an ISO image, /dev/cdrom or none")

    def work(repository: Repository) -> str:
        node = single_host(repository, call.hosts, "must supply only one host")
        refuse_locked(repository, [node])
        vm = repository.vms.of_node(node.id) or refuse(f"host {node.name} is not a virtual host")
        set_cdrom(repository, vm, path)
        return node.name

    apply_live(call, [call.change(work, " ".join(call.hosts))], later=["cdrom"])


COMMAND = Command(
    words=("set", "host", "vm", "cdrom"),
    summary="Set what is in a VM's CD drive at its next start.",
    run=run,
    arguments=(
        Argument("host", "one VM", many=True, noun=Noun.VM),
        Argument("cdrom", "absolute path of an ISO image on the container, /dev/cdrom, or none"),
    ),
    examples=("set host vm cdrom compute-0-0-0 cdrom=/export/iso/rescue.iso", "set host vm cdrom compute-0-0-0 none"),
    changes=True,
)
