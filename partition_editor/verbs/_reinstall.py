"""Starting the installs of released nodes: over SSH, as Rocks' shoot-node did, or by installing the VM anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from core.commands.dispatch import execute
from core.commands.refusal import Status
from core.commands.verbs.create_host_vm import must_answer
from core.errors import RemoteError
from core.hypervisor.model import DomainState
from partition_editor.fleet.installed import last_installs
from partition_editor.fleet.releasing import Shell
from partition_editor.verbs.report_host_partition_installed import as_lines

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.store.records import Node

REINSTALL = ["/boot/kickstart/cluster-kickstart"]
"""What Rocks' shoot-node starts on a node: it boots into the installer at once."""
REINSTALL_S = 30.0
SHUTDOWN_S = 30.0
"""Time a VM has to shut down before its plug is pulled."""
LOOK_S = 2.0
ON = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN})


@dataclass(frozen=True, slots=True)
class Machines:
    """Which of the nodes are VMs, and how those are.

    Attributes:
        homes: Their containers.
        running: Those that run.
        off: Those that certainly do not.
    """

    names: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()
    running: frozenset[str] = frozenset()
    off: frozenset[str] = frozenset()

    def notes(self, names: Iterable[str], *, wait: bool) -> list[str]:
        """For the confirmation: what becomes of nodes that are installed anew now."""
        shown = []
        for name in names:
            if name not in self.names:
                shown.append(f"{name}: ssh {name} {' '.join(REINSTALL)}")
                continue
            first = f"it is shut down, or after {SHUTDOWN_S:.0f} s powered off, and " if name in self.running else ""
            shown.append(f"{name}: {first}installed anew now{'' if wait else ', as a job'}")
        return shown


def look_at(call: Invocation, nodes: Sequence[Node]) -> Machines:
    """The VMs among the nodes; a container that is silent leaves its VMs unknown."""
    with call.reading() as repository:
        wanted = {node.id for node in nodes}
        vms = [one for one in repository.vms.all() if one.node in wanted]
    names = frozenset(one.name for one in vms)
    homes = frozenset(one.physnode for one in vms if one.physnode)
    if not names:
        return Machines()
    states = _states(call, names, homes)
    return Machines(
        names,
        homes,
        frozenset(name for name, state in states.items() if state in ON),
        frozenset(name for name, state in states.items() if state in (DomainState.SHUT_OFF, DomainState.CRASHED)),
    )


def must_be_possible(call: Invocation, names: Iterable[str], machines: Machines) -> None:
    """Refuse before anything is let go of when nobody would serve the installs of VMs.

    Raises:
        Refusal: The install service does not answer.
        StoreError: The store cannot be read.
    """
    from core.install.server import service_url

    if any(name in machines.names for name in names):
        settings = call.context.settings.install
        must_answer(service_url(call.context.open_store(), settings), settings)


def reinstall(
    call: Invocation, names: Sequence[str], machines: Machines, connect: Callable[[str], Shell], *, wait: bool
) -> int:
    """Start the installs; return how many could not be started, or failed where they were waited for."""
    failed = sum(not _kicked(call, name, connect) for name in names if name not in machines.names)
    virtual = [name for name in names if name in machines.names]
    if not virtual:
        return failed
    _stop(call, virtual, machines.homes)
    begun = datetime.now(UTC)
    words = ["create", "host", "vm", *virtual, "--yes", *([] if wait else ["wait=no"])]
    ended = execute(words, call.context)
    if not wait:
        return failed + (0 if ended is Status.DONE else len(virtual))
    with call.reading() as repository:
        nodes = [node for name in virtual if (node := repository.nodes.find(name)) is not None]
        found = [one for one in last_installs(repository, nodes) if one.at is not None and one.at >= begun]
    call.write("".join(f"{line}\n" for line in as_lines(found)))
    return failed + len(virtual) - len(found)


def _kicked(call: Invocation, name: str, connect: Callable[[str], Shell]) -> bool:
    try:
        with closing(connect(name)) as shell:
            answer = shell.run(REINSTALL, REINSTALL_S)
    except RemoteError as error:
        call.fail(f"{name}: {error.sentence}")
        return False
    if answer.status:
        call.fail(f"{name}: {' '.join(REINSTALL)} ended with {answer.status}: {answer.stderr.strip()}")
    return answer.status == 0


def _stop(call: Invocation, names: Sequence[str], homes: Collection[str]) -> None:
    """Shut VMs down, and pull the plug of those that do not; an installer refuses to start on one that runs."""
    left = _running(call, names, homes)
    if not left:
        return
    # A guest that cannot be asked is told in the next step.
    execute(["stop", "host", "vm", *left, "action=shutdown", "--yes"], call.context)
    give_up = time.monotonic() + SHUTDOWN_S
    while left and time.monotonic() < give_up:
        time.sleep(LOOK_S)
        left = _running(call, left, homes)
    if left:
        execute(["stop", "host", "vm", *left, "--yes"], call.context)


def _running(call: Invocation, names: Sequence[str], homes: Collection[str]) -> list[str]:
    states = _states(call, names, homes)
    return [name for name in names if states.get(name) in ON]


def _states(call: Invocation, names: Collection[str], homes: Collection[str]) -> dict[str, DomainState]:
    with call.context.look(homes, homes) as look:
        seen = look.snapshot.by_name()
    return {name: seen[name].state for name in names if name in seen and seen[name].defined}
