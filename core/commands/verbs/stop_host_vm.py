"""``stop host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.lifecycle import act
from core.commands.refusal import Status
from core.commands.values import one_of

ACTIONS = ("poweroff", "shutdown", "reset", "reboot")


def run(call: Invocation) -> Status:
    """Stop VMs, the hard way unless told otherwise."""
    action = one_of("action", call.text("action") or "poweroff", ACTIONS)
    return act(call, "stop", "must supply host", {"action": action})


COMMAND = Command(
    words=("stop", "host", "vm"),
    summary="Stop VMs: poweroff pulls the plug, shutdown and reboot ask the guest, reset presses the button.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(Parameter("action", "poweroff (default), shutdown, reset or reboot", choices=ACTIONS),),
    examples=("stop host vm compute-0-0-0", "stop host vm rack0 action=shutdown"),
    changes=True,
    plans=True,
)
