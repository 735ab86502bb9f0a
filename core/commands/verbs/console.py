"""``console``."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import expand_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import Refusal, Status, refuse
from core.console.line import Opener
from core.hypervisor.model import LinkState
from core.outcome import Refused

if TYPE_CHECKING:
    from core.inventory.snapshot import InventorySnapshot

_PLAIN_NAME = re.compile(r"[^\s%*?\[\]]+")
"""No pattern: what stands for several nodes of the store is not looked for anywhere else."""
_MOST_HISTORY_KIB = 65536


def run(call: Invocation) -> Status:
    """Connect the terminal to a machine's serial console."""
    from core.console.attach import attach
    from core.console.keys import escape_code
    from core.console.recording import ConsoleLog

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        refuse("a console needs a terminal on both sides")
    settings = call.context.settings.console
    escape = call.text("escape") or settings.escape
    code = escape_code(escape)
    if code is None:
        refuse(f'"escape" must be a control character such as ^], not "{escape}"')
    history_kib = call.integer("history", 0, _MOST_HISTORY_KIB)
    path = call.text("log")
    name, opener = _find(call, call.needed("node", "must supply a node"))
    log = ConsoleLog(Path(path).expanduser()) if path else None
    try:
        ended = attach(
            opener,
            name,
            code,
            history_bytes=(settings.history_kib if history_kib is None else history_kib) * 1024,
            log=log,
        )
    finally:
        if log is not None:
            log.close()
    if ended:
        refuse(ended)
    return Status.DONE


def _find(call: Invocation, word: str) -> tuple[str, Opener]:
    """A node of the store; or, as the tree shows them too, a VM that only its container knows."""
    with call.reading() as rows:
        try:
            found = expand_hosts(rows, (word,))
        except Refusal as refusal:
            found, unknown = [], refusal.refused.reason
        else:
            if len(found) != 1:
                refuse("must supply only one node")
        attributes = rows.attributes.resolved(found[0].id) if found else {}
        vm = rows.vms.of_node(found[0].id) if found else None
    if not found:
        return word, _stranger(call, word, unknown)
    # Only a VM may be on any container; whatever else is in the store has a command of its own.
    containers = None if vm else ()
    snapshot = _look(call, containers, [vm.physnode] if vm and vm.physnode else [])
    return found[0].name, _opener(call, found[0].name, snapshot, attributes)


def _stranger(call: Invocation, name: str, unknown: str) -> Opener:
    """How a VM is opened that is not in the store.

    Args:
        unknown: What is said when no container has it either.
    """
    if not _PLAIN_NAME.fullmatch(name):
        refuse(unknown)
    snapshot = _look(call, None)
    if not any(vm.name == name for box in snapshot.containers for vm in box.vms):
        silent = [box.name for box in snapshot.containers if box.uri and box.link is not LinkState.UP]
        unasked = f" ({', '.join(silent)} could not be asked)" if silent else ""
        refuse(f"{unknown}, and no container has a VM of that name{unasked}")
    return _opener(call, name, snapshot, {})


def _look(call: Invocation, containers: Collection[str] | None, needed: Sequence[str] = ()) -> InventorySnapshot:
    with call.context.look(containers, needed) as look:
        return look.snapshot


def _opener(call: Invocation, name: str, snapshot: InventorySnapshot, attributes: Mapping[str, str]) -> Opener:
    from core.console.locate import opener_for

    opener = opener_for(name, snapshot, lambda: snapshot, attributes, call.context.settings.containers)
    if isinstance(opener, Refused):
        refuse(opener.reason)
    return opener


COMMAND = Command(
    words=("console",),
    summary="Connect this terminal to a machine's serial console.",
    run=run,
    arguments=(Argument("node", "a VM, in the store or not, or a node with a console attribute", noun=Noun.HOST),),
    parameters=(
        Parameter("escape", "control character that leaves the console; twice sends it (default ^])"),
        Parameter("log", "append everything the console says to this file"),
        Parameter("history", "kibibytes shown from before the attach (default 64)", kind=Kind.INTEGER),
    ),
    details="The parameters may also be written --escape ^O, --log FILE, --history 16.",
    examples=("console compute-0-0-0", "console compute-0-0-0 --log /tmp/boot.log --escape ^O"),
)
