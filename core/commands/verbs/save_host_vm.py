"""``save host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.lifecycle import act_with_file
from core.commands.refusal import Status


def run(call: Invocation) -> Status:
    """Save the memory of running VMs to files on their containers and stop them."""
    return act_with_file(call, "save")


COMMAND = Command(
    words=("save", "host", "vm"),
    summary="Save the memory of running VMs to files on their containers and stop them.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(Parameter("file", "absolute path on the container, for one VM (LARGEST/xen/disks/VM.saved)"),),
    examples=("save host vm compute-0-0-0", "save host vm compute-0-0-0 file=/export/save/c000.img"),
    changes=True,
    plans=True,
)
