"""``add host partition``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import single_host
from core.commands.invocation import Invocation
from core.commands.refusal import refuse

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Add one partition as if the node had reported it."""
    device = call.needed("device", "must supply a device")

    def work(repository: Repository) -> None:
        node = single_host(repository, call.hosts, "must supply only one host")
        if any(one.device == device for one in repository.partitions.of_node(node.id)):
            refuse(f'partition "{device}" of {node.name} is already in the database')
        repository.partitions.add(
            node.id,
            device=device,
            mountpoint=call.text("mountpoint") or "",
            sectorstart=call.text("start") or "",
            partitionsize=call.text("size") or "",
            partitionid=call.text("id") or "",
            fstype=call.text("type") or "",
            partitionflags=call.text("flags") or "",
            formatflags=call.text("formatflags") or "",
        )

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("add", "host", "partition"),
    summary="Record a partition of a host as if the host had reported it.",
    run=run,
    arguments=(
        Argument("host", "one host", many=True, noun=Noun.HOST),
        Argument("device", "sda5"),
    ),
    parameters=(
        Parameter("flags", "partition flags: boot"),
        Parameter("formatflags", "flags of an array: --level=1"),
        Parameter("id", "partition type number"),
        Parameter("mountpoint", "where it is mounted"),
        Parameter("size", "its size as parted prints it: 66.4GB"),
        Parameter("start", "where it starts: 13.6GB"),
        Parameter("type", "file system"),
    ),
    examples=("add host partition vm-container-0-0 sda5 mountpoint=/state/partition1 size=237GB type=ext3",),
    changes=True,
)
