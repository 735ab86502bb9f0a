"""Booting a VM's installer: with a fresh ticket, or again with another token for the ticket it has.

The token goes into the domain that runs now, never into the lasting definition. Functions block; worker threads.
Beside what each names they raise HypervisorError, RemoteError and StoreError, as what they use does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import InstallError, QuarryError
from core.hypervisor.definition import DomainOptions, domain_for, options_from_attributes
from core.install.arguments import kernel_arguments, needs_old_arguments
from core.install.bootfiles import Shell, digest, fetch, put, shell_for
from core.install.consoles import kind_of
from core.install.following import ConsoleTail
from core.install.kickstart import NodeNetwork, network_of
from core.install.minding import fail
from core.install.tickets import BY_NETWORK, issue, renew
from core.inventory.records import StoreFleet
from core.inventory.snapshot import VmRecord
from core.operations.perform import Surroundings
from core.operations.plan import Step
from core.outcome import Refused
from core.settings import ContainerSettings, InstallSettings
from core.store.install_records import InstallStage

if TYPE_CHECKING:
    from core.store.repository import Repository

BOOT = "boot"
"""The event that says where the console's log ended before the installer was booted, in bytes."""

MOST_BOOTS = 4
"""Of one install: one that restarts for ever has failed."""

_LOG_ATTRIBUTE = "vm_console_log"
_XEN_LOG = "/var/log/xen/console/guest-{name}.log"
"""Where xenconsoled keeps it when it runs with ``--log=guest``."""


def boot_installer(step: Step, around: Surroundings) -> int:
    """Issue a ticket and boot; return the install's number.

    Raises:
        InstallError: The VM is gone from the store, its installer's files cannot be had, or it cannot be defined.
    """
    by_network = step.arguments.get("by_network") is True
    with shell_of(step) as shell:
        start = console_of(record_of(around, step.vm), shell, around.hypervisor.host().driver).start
    with around.store.begin() as rows:
        node = node_id(rows, step.vm)
        mac = _network(rows, step).mac
        ticket = issue(rows, node, mac, text_of(step, "who"), hours=settings_of(step).ticket_hours)
        if isinstance(ticket, Refused):
            raise InstallError(f"could not install {step.vm}", ticket.reason)
        rows.boot.set_action(node, "install")
        # A worker that takes this one's place must see all that the installer said.
        rows.installs.tell(ticket.install, BOOT, f"of the installer; its console is from byte {start} of the log on")
        if by_network:
            rows.installs.tell(ticket.install, BY_NETWORK, "its firmware may fetch the installer")
    _boot(step, around, ticket.install, ticket.token)
    return ticket.install


def boot_again(step: Step, around: Surroundings, install: int) -> None:
    """Boot the installer of an open install whose VM has stopped; what its operator answered still stands.

    Raises:
        InstallError: As `boot_installer` does.
    """
    with around.store.begin() as rows:
        token = renew(rows, install)
        rows.installs.change(install, stage=InstallStage.OFFERED)
        rows.installs.tell(install, BOOT, "of the installer again: the VM stopped before anything was changed")
    _boot(step, around, install, token)


def boots_of(around: Surroundings, install: int) -> int:
    """How often an install's installer was booted."""
    with around.store.reading() as rows:
        return sum(event.kind == BOOT for event in rows.installs.events(install))


def console_start(around: Surroundings, install: int) -> int | None:
    """Where the console's log ended before the first boot; None when that is not known."""
    with around.store.reading() as rows:
        told = [event.detail for event in rows.installs.events(install) if event.kind == BOOT]
    found = re.search(r"from byte (\d+) ", told[0]) if told else None
    return int(found[1]) if found is not None else None


def lasting_definition(around: Surroundings, name: str) -> str:
    """The XML that boots from disk. Raises InstallError where there can be none."""
    record = record_of(around, name)
    lasting = domain_for(record, around.hypervisor.host(), _options(record))
    if isinstance(lasting, Refused):
        raise InstallError(f"could not define {name}", lasting.reason)
    return lasting


def _boot(step: Step, around: Surroundings, install: int, token: str) -> None:
    """The lasting definition boots from disk again before this returns, whatever happens."""
    lasting = lasting_definition(around, step.vm)
    with _failing_unless_booted(around, install):
        try:
            around.hypervisor.define(_installing(step, around, token))
            around.hypervisor.start(around.uuid)
        finally:
            # The token must not outlive the install in the definition, nor a second boot install again.
            around.hypervisor.define(lasting)


@contextmanager
def _failing_unless_booted(around: Surroundings, install: int) -> Iterator[None]:
    """End the install as failed when the block does not come to its end, whatever stops it."""
    why = "its worker was stopped"
    try:
        yield
        why = ""
    except QuarryError as error:
        why = error.sentence
        raise
    finally:
        if why:
            with around.store.begin() as rows:
                fail(rows, install, f"its installer could not be booted: {why}")


def _installing(step: Step, around: Surroundings, token: str) -> str:
    """The XML that boots the installer once."""
    record, host = record_of(around, step.vm), around.hypervisor.host()
    # Without what would stand in the installer's way.
    way = replace(_options(record), installing=True, cdrom="", kernel="", boot_order=("network", "hd"))
    if step.arguments.get("by_network") is not True:
        with shell_of(step) as shell:
            kernel, initrd = put_installer(step, shell)
        kind = kind_of(host.driver, record.virt_type)
        way = replace(way, kernel=kernel, initrd=initrd, arguments=_arguments(step, around, token, kind))
    xml = domain_for(record, host, way)
    if isinstance(xml, Refused):
        raise InstallError(f"could not define {step.vm} for its install", xml.reason)
    return xml


def _arguments(step: Step, around: Surroundings, token: str, kind: str) -> str:
    with around.store.reading() as rows:
        old = needs_old_arguments(rows.attributes.resolved(node_id(rows, step.vm)))
        network = _network(rows, step)
    extra = text_of(step, "arguments")
    return kernel_arguments(network, text_of(step, "service"), token, kind=kind, extra=extra, old=old)


def _network(rows: Repository, step: Step) -> NodeNetwork:
    node = rows.nodes.find(step.vm)
    if node is None:
        raise InstallError(f"could not install {step.vm}", "it is gone from the store")
    network = network_of(rows, node)
    if isinstance(network, Refused):
        raise InstallError(f"could not install {step.vm}", network.reason)
    return network


def _options(record: VmRecord) -> DomainOptions:
    options = options_from_attributes(record.attributes)
    if isinstance(options, Refused):
        raise InstallError(f"could not define {record.name}", options.reason)
    return options


def put_installer(step: Step, shell: Shell | None) -> tuple[str, str]:
    """Where kernel and initrd are on the container; there already unless somebody deleted them since.

    Raises:
        InstallError: A file cannot be read, fetched or put there.
    """
    found = []
    for source in (text_of(step, "kernel"), text_of(step, "initrd")):
        path = fetch(source)
        found.append(put(shell, path) if shell is not None else f"/quarry/{digest(path)}")
    return found[0], found[1]


def console_of(record: VmRecord, shell: Shell | None, driver: str, start: int | None = None) -> ConsoleTail:
    """The end of what a VM's console says from now on, or from `start` bytes, where its container keeps that."""
    name = record.name.replace("/", "_")
    path = _XEN_LOG.format(name=name) if driver == "xen" else ""
    if driver == "qemu":
        path = record.attributes.get(_LOG_ATTRIBUTE, DomainOptions().console_log).replace("{name}", name)
    return ConsoleTail(shell, path, start)


@contextmanager
def shell_of(step: Step) -> Iterator[Shell | None]:
    """The shell of a step's container, closed afterwards; None where there is none.

    Raises:
        InstallError: The container is reached by another way than SSH.
    """
    settings = ContainerSettings(keyfile=text_of(step, "keyfile"), known_hosts=text_of(step, "known_hosts"))
    shell = shell_for(text_of(step, "uri"), settings)
    try:
        yield shell
    finally:
        if shell is not None:
            shell.close()


def settings_of(step: Step) -> InstallSettings:
    """The limits that the plan was made with."""
    values = step.arguments.get("limits")
    limits: Mapping[str, object] = values if isinstance(values, dict) else {}
    usual = InstallSettings()

    def number(name: str, default: float) -> float:
        value = limits.get(name)
        return float(value) if isinstance(value, int | float) else default

    return replace(
        usual,
        ticket_hours=number("ticket_hours", usual.ticket_hours),
        silent_s=number("silent_s", usual.silent_s),
        first_word_s=number("first_word_s", usual.first_word_s),
    )


def record_of(around: Surroundings, name: str) -> VmRecord:
    """What the store says of the VM now. Raises InstallError when it is gone."""
    fleet = StoreFleet(around.store).fleet()
    record = next((one for one in fleet.vms if one.name == name and one.uuid == around.uuid), None)
    if record is None:
        raise InstallError(f"could not install {name}", "it is gone from the store")
    return record


def node_id(rows: Repository, name: str) -> int:
    """A node's number, -1 for one that is gone."""
    node = rows.nodes.find(name)
    return node.id if node is not None else -1


def text_of(step: Step, name: str) -> str:
    """A text among a step's arguments."""
    return str(step.arguments.get(name) or "")
