"""``set host partition policy``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.values import one_of
from partition_editor.decisions.facts import Policy
from partition_editor.sources.naming import is_disk_name

if TYPE_CHECKING:
    from core.store.repository import Repository

DEFAULT = "default"
CHOICES = (*(one.value for one in Policy), DEFAULT)


def run(call: Invocation) -> None:
    """Say what installs may do with single disks."""
    disks = [one for one in call.needed("disk", "must supply a disk: disk=sda").split(",") if one]
    policy = one_of("policy", call.needed("policy", f"must supply a policy: {', '.join(CHOICES)}"), CHOICES)
    wrong = next((one for one in disks if not is_disk_name(one)), None)
    if wrong is not None or not disks:
        refuse(f'"{wrong or ""}" is no disk name')

    def work(repository: Repository) -> None:
        for node in require_hosts(repository, call.hosts, "must supply host"):
            for disk in disks:
                if policy == DEFAULT:
                    repository.disk_policies.remove(node.id, disk)
                else:
                    repository.disk_policies.set(node.id, disk, policy, who=call.context.who)

    call.change(work, " ".join(call.hosts))


COMMAND = Command(
    words=("set", "host", "partition", "policy"),
    summary="Say what installs may do with a disk: preserve, reformat, or reformat once.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.HOST),),
    parameters=(
        Parameter("disk", "disks with commas between: sda,nvme0n1"),
        Parameter("policy", "preserve: nothing clears it; reformat: free for every install; once: for the next one; "
                  "default: what is recognised or not blank stays", choices=CHOICES),
    ),
    examples=("set host partition policy compute-0-0 disk=sdb policy=preserve",),
    changes=True,
)  # fmt: skip
