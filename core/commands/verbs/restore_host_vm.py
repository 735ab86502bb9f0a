"""``restore host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.lifecycle import act_with_file
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Let saved VMs go on from where they were; the file is used once."""
    return act_with_file(call, "restore")


COMMAND = Command(
    words=("restore", "host", "vm"),
    summary="Let saved VMs go on from where they were; the file is used once.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("file", "absolute path on the container, for one VM (where it was saved)"),
        Parameter("force", "restore although a disk was written since: its file systems break (no)", kind=Kind.BOOL),
    ),
    details=(
        "Refused where a disk was written after the memory was saved: `list host saved` shows it, and `start host vm`"
        " with discard=yes gives the memory up."
    ),
    examples=("restore host vm compute-0-0-0",),
    changes=True,
    plans=True,
)
