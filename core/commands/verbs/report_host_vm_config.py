"""``report host vm config``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.refusal import refuse
from core.commands.states import look
from core.hypervisor.definition import domain_for, options_from_attributes
from core.hypervisor.model import HostFacts
from core.inventory.records import read_records
from core.outcome import Refused

if TYPE_CHECKING:
    from core.inventory.snapshot import VmRecord

MANY_KIB = 1 << 40


def run(call: Invocation) -> None:
    """Print the libvirt XML each VM is defined with."""
    with call.reading() as repository:
        nodes = require_hosts(repository, call.hosts, "must supply at least one host")
        fleet = read_records(repository)
        installing = {node for node, action in repository.boot.actions().items() if action == "install"}
    records = {record.name: record for record in fleet.vms}
    uris: dict[str, str] = {one.name: one.uri for one in fleet.containers}
    chosen = [(records[node.name], node.id in installing) for node in nodes if node.name in records]
    asked = sorted({record.container for record, _ in chosen if uris.get(record.container)})
    facts = {}
    if asked and call.flag("ask", default=True):
        facts = {one.name: one.host for one in look(call, asked).containers if one.host is not None}
    for record, installs in chosen:
        host = facts.get(record.container) or _guess(record.container, uris.get(record.container, ""))
        call.write(_xml(record, host, installs))


def _xml(record: VmRecord, host: HostFacts, installs: bool) -> str:
    options = options_from_attributes(record.attributes)
    if isinstance(options, Refused):
        refuse(options.reason)
    text = domain_for(record, host, replace(options, installing=installs))
    return refuse(text.reason) if isinstance(text, Refused) else text.rstrip("\n") + "\n"


def _guess(container: str, uri: str) -> HostFacts:
    """Facts of a container that cannot be asked: its driver from its URI, Xen when it has none, as Rocks had."""
    driver = uri.partition(":")[0].partition("+")[0] or "xen"
    return HostFacts(driver=driver, hostname=container, memory_kib=MANY_KIB, cpus=1, arch="x86_64")


COMMAND = Command(
    words=("report", "host", "vm", "config"),
    summary="Print the libvirt XML that VMs are defined with.",
    run=run,
    arguments=(Argument("host", "host list", many=True, noun=Noun.VM),),
    parameters=(Parameter("ask", "ask the container what it can run (yes)", kind=Kind.BOOL),),
    examples=("report host vm config compute-0-0-0",),
)
