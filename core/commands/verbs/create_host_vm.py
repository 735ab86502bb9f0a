"""``create host vm``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.commands.command import Argument, Command, Kind, Noun, Parameter
from core.commands.hostlist import require_hosts
from core.commands.invocation import Invocation
from core.commands.lifecycle import WAIT, accepted, carry_out
from core.commands.refusal import Status, refuse
from core.jobs.journal import JobOptions
from core.outcome import Refused

if TYPE_CHECKING:
    from core.hypervisor.model import HostFacts
    from core.inventory.snapshot import VmRecord
    from core.settings import InstallSettings

MOST_AT_ONCE = 64


def run(call: Invocation) -> Status:
    """Install VMs: boot the installer once, follow it, boot from disk."""
    from core.install.planning import plan_install, prepare
    from core.install.server import service_url

    settings = call.context.settings
    with call.reading() as rows:
        nodes = require_hosts(rows, call.hosts, "must supply at least one host")
        known = {vm.node: vm for vm in rows.vms.all()}
        vms = [known[node.id] for node in nodes if node.id in known]
        names = [vm.name for vm in vms]
        prepared = prepare(rows, names, settings)
    if not names:
        return Status.DONE
    url = service_url(call.context.open_store(), settings.install)
    if not call.options.dry_run:
        must_answer(url, settings.install)
    at_once = call.integer("at-once", 1, MOST_AT_ONCE) or settings.install.at_once
    with call.context.look(None, {vm.physnode for vm in vms if vm.physnode}) as look:
        planned = plan_install(
            names,
            look.snapshot,
            prepared,
            settings,
            url,
            call.context.who,
            read_only=settings.read_only,
            definition=_definition,
        )
    plan = accepted(call, planned)
    if plan is None:
        return Status.DONE
    return carry_out(call, plan, JobOptions(at_once=at_once))


def must_answer(url: str, settings: InstallSettings) -> None:
    """Nobody should wait minutes for an installer to find out that nobody serves it, or nobody it trusts.

    Raises:
        Refusal: No install service answers there.
        InstallError: The certificate cannot be read by which nodes check it.
    """
    from core.install.health import UNTRUSTED, silence_of
    from core.install.server import authority_text

    why = silence_of(url, authority_text(settings))
    if why.startswith(UNTRUSTED):
        remedy = (
            "certificate under [install] in the settings must name the host in the URL, and authority have signed it"
        )
        refuse(f"the install service {url} is of no use, as {why}: {remedy}", Status.CONTAINER)
    if why:
        refuse(f"the install service {url} does not answer ({why}): start it with `quarry serve`", Status.CONTAINER)


def _definition(record: VmRecord, host: HostFacts) -> str | Refused:
    from core.hypervisor.definition import domain_for, options_from_attributes

    options = options_from_attributes(record.attributes)
    return options if isinstance(options, Refused) else domain_for(record, host, options)


COMMAND = Command(
    words=("create", "host", "vm"),
    summary="Install VMs: boot the installer once, follow it, then boot from disk.",
    run=run,
    arguments=(Argument("host", "host list; nodes that are no VMs are passed over", many=True, noun=Noun.VM),),
    parameters=(
        Parameter("at-once", "how many install at the same time (4, or as the settings say)", kind=Kind.INTEGER),
        WAIT,
    ),
    details=(
        "Each VM gets a ticket that is good for one install. The installs are a job: they go on when you leave. "
        "A VM whose install failed is tried again by the same command. `quarry serve` must be running."
    ),
    examples=(
        "create host vm compute-0-0-0",
        "create host vm rack0 at-once=8 wait=no",
        "create host vm rack0 --dry-run",
    ),
    changes=True,
    plans=True,
)
