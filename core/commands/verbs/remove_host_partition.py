"""``remove host partition``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.hostpattern import like_matcher
from core.commands.invocation import Invocation

if TYPE_CHECKING:
    from core.store.repository import Repository


def run(call: Invocation) -> None:
    """Forget partitions nodes reported."""
    pattern = call.text("partition")
    device = call.text("device")

    def work(repository: Repository) -> None:
        for node in require_hosts(repository, call.hosts, "must supply host"):
            if pattern is None:
                repository.partitions.remove(node.id, device=device)
                continue
            matches = like_matcher(pattern)
            for mountpoint in {one.mountpoint for one in repository.partitions.of_node(node.id)}:
                if matches(mountpoint):
                    repository.partitions.remove(node.id, device=device, mountpoint=mountpoint)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("remove", "host", "partition"),
    summary="Forget the partitions nodes reported; the disks are not touched.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("partition", "only those mounted there; % patterns too (all)"),
        Parameter("device", "only that device (all)"),
    ),
    examples=("remove host partition compute-0-0", "remove host partition rack0 partition=/export"),
    changes=True,
)
