"""From VMs to the plan of their installs. Pure: what the store says of each is looked up before (`prepare`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.hypervisor.model import DomainState
from core.install.bootfiles import WHERE_SET, Installer, installer_of, unreadable
from core.install.kickstart import NodeNetwork, Order, network_of, render
from core.install.minding import what_dhcp_needs
from core.inventory.snapshot import InventorySnapshot, VmKey
from core.operations.capabilities import ACTIVE, allowed
from core.operations.capacity import Fit, afterwards
from core.operations.plan import Confirm, JsonValue, Plan, RefusedTarget, Step, StepKind, TargetPlan
from core.operations.steps import start_steps
from core.operations.targets import Target, find_targets
from core.operations.words import counted, one_line, some_names
from core.outcome import Refused
from core.store.install_records import InstallStage

if TYPE_CHECKING:
    from core.operations.steps import Definition
    from core.settings import InstallSettings, Settings
    from core.store.records import Node
    from core.store.repository import Repository


NO_REPO = (
    "no distribution is named (repo under [install] in the settings, or install_repo): the installer looks for a CD"
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the store says of one VM's install.

    Attributes:
        installer: Or why there can be no install.
        unfinished: Its last install did not end well: a VM that runs is standing in an installer.
        warning: What may stop the installer, as far as it can be told beforehand; empty for nothing.
    """

    installer: Installer | Refused
    unfinished: bool = False
    warning: str = ""


def prepare(rows: Repository, names: Sequence[str], settings: Settings) -> dict[str, Prepared]:
    """What the store says of these VMs, by name; one that is not there is left out. Blocks for their templates.

    Raises:
        StoreError: The store cannot be read.
    """
    found: dict[str, Prepared] = {}
    installs = rows.installs.last_of_each()
    for name in names:
        node = rows.nodes.find(name)
        if node is None:
            continue
        network = network_of(rows, node)
        installer = network if isinstance(network, Refused) else installer_of(rows, node, settings.install)
        warning = ""
        if isinstance(installer, Installer) and not isinstance(network, Refused):
            installer = _readable(installer)
            order = _sample_order(rows, node, network, settings.install)
            why = _no_kickstart(order)
            installer = Refused(f"can have no kickstart: {why}") if why else installer
            if not order.attribute("install_repo", order.repo):
                warning = NO_REPO
        last = installs.get(node.id)
        found[name] = Prepared(installer, last is not None and last.stage is not InstallStage.DONE, warning)
    return found


def _sample_order(rows: Repository, node: Node, network: NodeNetwork, settings: InstallSettings) -> Order:
    """As the service will have it, but for its address and a token that opens nothing."""
    return Order(
        node=node,
        network=network,
        attributes=rows.attributes.resolved(node.id),
        url="http://localhost",
        token="",
        repo=settings.repo,
        templates=settings.templates,
    )


def _no_kickstart(order: Order) -> str:
    """Why a node's template makes no kickstart; empty when it does, or when only the service's host could try it."""
    try:
        text = render(order)
    except ImportError:
        return ""
    return text.reason if isinstance(text, Refused) else ""


def _readable(installer: Installer) -> Installer | Refused:
    """The installer, or why its files cannot be read here; a URL is asked when the job runs."""
    for what, source in (("kernel", installer.kernel), ("initrd", installer.initrd)):
        why = unreadable(source)
        if why:
            return Refused(f"has {source} as its installer's {what}, which cannot be read: {why}; {WHERE_SET}")
    return installer


def plan_install(
    targets: Sequence[VmKey | str],
    snapshot: InventorySnapshot,
    prepared: Mapping[str, Prepared],
    settings: Settings,
    service_url: str,
    who: str,
    *,
    read_only: bool = False,
    definition: Definition,
) -> Plan | Refused:
    """Plan the installs of VMs.

    Args:
        prepared: Of `prepare`, by name.
        service_url: Where the nodes reach the install service.
        who: The operator, for the tickets.
        definition: Makes domain XML.
    """
    found, refused = find_targets(targets, snapshot)
    plans: list[TargetPlan] = []
    warnings: list[str] = []
    fit = Fit()
    for target in found:
        one = prepared.get(target.vm.name)
        work = (
            Refused("is not in the store")
            if one is None
            else _steps(target, one, settings, service_url, who, definition, read_only)
        )
        reason, warning = ("", "") if isinstance(work, Refused) else fit.check(target)
        if isinstance(work, Refused) or reason:
            why = work.reason if isinstance(work, Refused) else reason
            refused.append(RefusedTarget(target.vm.key, target.vm.name, why))
            continue
        told = (warning,) if warning else ()
        warnings += told
        plans.append(TargetPlan(target.vm.key, target.vm.name, work, target.vm.state.value, told))
    if not plans:
        first = refused[0]
        more = f" (and {len(refused) - 1} more)" if len(refused) > 1 else ""
        return Refused(f"{one_line(first.name)} {first.reason}{more}")
    names = [one.name for one in plans]
    warnings += _warnings(names, prepared, service_url)
    keys = {one.key for one in plans}
    return Plan(
        verb="create",
        title=f"Install {some_names(names, 1) if len(names) == 1 else counted(len(names), 'VM')}",
        command=f"create host vm {' '.join(names)}",
        confirm=Confirm.LIST,
        targets=tuple(plans),
        refused=tuple(refused),
        warnings=tuple(warnings),
        afterwards=afterwards([one for one in found if one.vm.key in keys], plans),
    )


def _warnings(names: Sequence[str], prepared: Mapping[str, Prepared], service_url: str) -> Iterator[str]:
    """What an operator should know of the installers of these VMs, said once for all of them."""
    yield from dict.fromkeys(prepared[name].warning for name in names if prepared[name].warning)
    installers = {name: prepared[name].installer for name in names}
    fetching = [name for name, one in installers.items() if isinstance(one, Installer) and one.by_network]
    if fetching:
        one_name = fetching[0] if len(fetching) == 1 else ""
        yield f"from the network: {some_names(fetching, 2)}; {what_dhcp_needs(one_name)}"
        if service_url.startswith("https:"):
            yield f"the iPXE of QEMU and Xen fetches nothing by https, as from {service_url}"


def _steps(
    target: Target,
    prepared: Prepared,
    settings: Settings,
    service_url: str,
    who: str,
    definition: Definition,
    read_only: bool,
) -> tuple[Step, ...] | Refused:
    vm = target.vm
    if isinstance(prepared.installer, Refused):
        return prepared.installer
    again = vm.state in (*ACTIVE, DomainState.CRASHED) and prepared.unfinished
    verb = "stop" if again else "start"
    verdict = allowed(verb, vm, target.container, read_only=read_only, parameters={"discard": "yes"})
    if isinstance(verdict, Refused):
        # Who holds it is told already, and a VM that is held cannot be stopped either.
        stop_first = vm.state in ACTIVE and vm.lock is None
        return Refused(f"{verdict.reason}: stop it first to install it anew") if stop_first else verdict
    start = start_steps(target, {"discard": "yes"}, definition)
    if isinstance(start, Refused):
        return start
    if target.container.host is None or vm.record is None:
        return Refused(f"{target.container.name} has not said yet what it can run: try again in a moment")
    is_hvm = vm.record.virt_type == "hvm" or (not vm.record.virt_type and target.container.host.driver != "xen")
    if prepared.installer.by_network and not is_hvm:
        return Refused("is a para VM, which has no firmware to boot from the network: set its install_boot to kernel")
    lasting = definition(vm.record, target.container.host)
    if isinstance(lasting, Refused):
        return lasting
    arguments: dict[str, JsonValue] = {
        "kernel": prepared.installer.kernel,
        "initrd": prepared.installer.initrd,
        "arguments": prepared.installer.arguments,
        "by_network": prepared.installer.by_network,
        "service": service_url,
        "who": who,
        "uri": target.container.uri,
        "keyfile": settings.containers.keyfile,
        "known_hosts": settings.containers.known_hosts,
        "limits": {
            "ticket_hours": settings.install.ticket_hours,
            "silent_s": settings.install.silent_s,
            "first_word_s": settings.install.first_word_s,
        },
    }

    def step(kind: StepKind, sentence: str, seconds: float, given: Mapping[str, JsonValue] = arguments) -> Step:
        return Step(kind, vm.key.container, vm.name, vm.key.uuid, sentence, given, seconds=seconds)

    kept = (StepKind.ENSURE_IMAGE, StepKind.DELETE_IMAGE)
    steps = [one for one in start.steps if one.kind in kept]
    if again:
        steps.insert(0, step(StepKind.DESTROY, "power its unfinished installer off", 1.0, {}))
    source = prepared.installer.kernel
    if prepared.installer.by_network:
        way = "boot the installer once from the network, with a ticket of its own"
    else:
        way = "boot the installer once, with a ticket of its own"
        put = f"put the installer on {vm.key.container} ({one_line(source)})"
        steps.append(step(StepKind.PUT_INSTALLER, put, 10.0))
    steps += [
        step(StepKind.DEFINE, "define it to boot from its disk", 0.3, {"xml": lasting}),
        step(StepKind.INSTALL, way, 3.0),
        step(StepKind.FOLLOW, "wait until it is installed", 600.0),
        step(StepKind.START, "boot from its disk", 2.0, {}),
    ]
    return tuple(steps)
