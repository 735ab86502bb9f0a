"""``console``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import single_host
from core.commands.invocation import Invocation
from core.commands.refusal import Status, refuse
from core.console.line import Opener
from core.outcome import Refused

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
    with call.reading() as rows:
        node = single_host(rows, (call.needed("node", "must supply a node"),), "must supply only one node")
        attributes = rows.attributes.resolved(node.id)
        vm = rows.vms.of_node(node.id)
    opener = _opener(call, node.name, vm.physnode if vm else None, attributes)
    log = ConsoleLog(Path(path).expanduser()) if path else None
    try:
        ended = attach(
            opener,
            node.name,
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


def _opener(call: Invocation, name: str, home: str | None, attributes: Mapping[str, str]) -> Opener:
    from core.console.locate import opener_for

    with call.context.look(None, [home] if home else []) as look:
        snapshot = look.snapshot
    opener = opener_for(name, snapshot, lambda: snapshot, attributes, call.context.settings.containers)
    if isinstance(opener, Refused):
        refuse(opener.reason)
    return opener


COMMAND = Command(
    words=("console",),
    summary="Connect this terminal to a machine's serial console.",
    run=run,
    arguments=(Argument("node", "a VM, or a node with a console attribute", noun=Noun.HOST),),
    parameters=(
        Parameter("escape", "control character that leaves the console; twice sends it (default ^])"),
        Parameter("log", "append everything the console says to this file"),
        Parameter("history", "kibibytes shown from before the attach (default 64)", kind=Kind.INTEGER),
    ),
    details="The parameters may also be written --escape ^O, --log FILE, --history 16.",
    examples=("console compute-0-0-0", "console compute-0-0-0 --log /tmp/boot.log --escape ^O"),
)
