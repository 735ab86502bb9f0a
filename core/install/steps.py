"""What the steps of an install do; each may be run again after a crash at any point of it.

The plan holds no secret: the ticket is issued when the VM is booted, and its token goes into the domain that runs
now, never into the lasting definition.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from core.errors import Cancelled, DomainNotFound, InstallError
from core.hypervisor.definition import DomainOptions, domain_for, options_from_attributes
from core.hypervisor.model import DomainFacts, DomainState, DomainUuid
from core.install.arguments import kernel_arguments, needs_old_arguments
from core.install.bootfiles import Shell, digest, fetch, put, shell_for
from core.install.following import ConsoleTail, Follower, Standing
from core.install.health import silence_of
from core.install.kickstart import network_of
from core.install.tickets import BY_NETWORK, Ticket, issue, withdraw
from core.inventory.records import StoreFleet
from core.inventory.snapshot import VmRecord
from core.operations.perform import StepProgress, Surroundings
from core.operations.plan import Step, StepKind
from core.outcome import Refused
from core.settings import ContainerSettings, InstallSettings

if TYPE_CHECKING:
    from core.hypervisor.api import Hypervisor
    from core.store.repository import Repository

LOOK_S = 2.0
OFF_S = 180.0
"""How long an installed VM may take to reboot, which ends its domain."""

_ACTIVE = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN})
_WHOLE = 50_000_000
"""Progress is told in bytes: an install counts as much as this many."""

_BOOT = "boot"
"""The event that says where the console's log ended before the installer was booted, in bytes."""

_LOG_ATTRIBUTE = "vm_console_log"


def _put_installer(step: Step, around: Surroundings) -> None:
    with _shell(step) as shell:
        for source in (_text(step, "kernel"), _text(step, "initrd")):
            path = fetch(source)
            if shell is not None:
                put(shell, path, around.notes.append)


def _install(step: Step, around: Surroundings) -> None:
    """Boot the installer: the lasting definition boots from disk again before this returns, whatever happens."""
    record = _record(around, step.vm)
    host = around.hypervisor.host()
    options = options_from_attributes(record.attributes)
    if isinstance(options, Refused):
        raise InstallError(f"could not define {step.vm}", options.reason)
    lasting = domain_for(record, host, options)
    if isinstance(lasting, Refused):
        raise InstallError(f"could not define {step.vm}", lasting.reason)
    if _is_active(around) and _open_install(around, step.vm) is not None:
        # The worker died after the boot: it installs already.
        around.hypervisor.define(lasting)
        around.notes.append("its installer was running already")
        return
    by_network = step.arguments.get("by_network") is True
    with _shell(step) as shell:
        kernel, initrd = ("", "") if by_network else _put_again(step, shell)
        console = _console(record, shell, host.driver)
    with around.store.begin() as rows:
        ticket, arguments = _ticket(rows, step, host.driver)
        # A worker that takes this one's place must see all that the installer said.
        rows.installs.tell(ticket.install, _BOOT, str(console.start))
        if by_network:
            rows.installs.tell(ticket.install, BY_NETWORK, "its firmware may fetch the installer")
    way = replace(_plain(options), kernel=kernel, initrd=initrd, arguments="" if by_network else arguments)
    installing = domain_for(record, host, replace(way, boot_order=("network", "hd")))
    if isinstance(installing, Refused):
        raise InstallError(f"could not define {step.vm} for its install", installing.reason)
    try:
        around.hypervisor.define(installing)
        around.hypervisor.start(around.uuid)
    except BaseException:
        with around.store.begin() as rows:
            withdraw(rows, _node_id(rows, step.vm), "its VM could not be booted")
        raise
    finally:
        # The token must not outlive the install in the definition, nor a second boot install again.
        around.hypervisor.define(lasting)
    around.kept["install"] = ticket.install


def _follow(step: Step, around: Surroundings) -> None:
    install = _last_install(around, step.vm)
    if install is None:
        raise InstallError(f"could not follow the install of {step.vm}", "it was never booted")
    record = _record(around, step.vm)
    with _shell(step) as shell:
        console = _console(record, shell, around.hypervisor.host().driver, _console_start(around, install))
        container = _Container(step, around)
        url = _text(step, "service")
        follower = Follower(
            around.store,
            _settings(step),
            install,
            container,
            around.uuid,
            console,
            service_answers=lambda: not silence_of(url),
        )
        standing = _watch(step, around, follower)
    if standing.failed:
        shown = f"\n{standing.console}" if standing.console else ""
        around.say(f"{step.vm}: {standing.failed}{shown}")
        last = standing.console.rpartition("\n")[2]
        said = f'; its console said last "{last}"' if last else ""
        remedy = f"`list host install {step.vm}` tells more, `create host vm {step.vm}` tries again"
        raise InstallError("the install failed", standing.failed + said, remedy)
    give_up_at = time.monotonic() + OFF_S
    while not follower.is_off():
        if time.monotonic() > give_up_at:
            container.now.destroy(around.uuid)
            around.notes.append(f"it did not reboot within {OFF_S:.0f} s of its install's end and was powered off")
            break
        time.sleep(LOOK_S)


class _Container:
    """The container as it is connected now: an install outlives a connection that breaks and comes back."""

    def __init__(self, step: Step, around: Surroundings) -> None:
        self._step = step
        self._around = around

    @property
    def now(self) -> Hypervisor:
        """Raises HypervisorError while there is no connection."""
        if self._around.fleet is None:
            return self._around.hypervisor
        return self._around.at(self._step.container)

    def domain(self, uuid: DomainUuid) -> DomainFacts:
        """One domain."""
        return self.now.domain(uuid)


def _watch(step: Step, around: Surroundings, follower: Follower) -> Standing:
    before = ""
    while True:
        standing = follower.look()
        if standing.over:
            if not standing.failed:
                around.say(f"{step.vm}: {_bar(100.0)} installed")
            return standing
        if standing.text != before:
            around.say(f"{step.vm}: {_bar(standing.percent)} {standing.text}")
            before = standing.text
        around.told(StepProgress(int(_WHOLE * standing.percent / 100), _WHOLE, note=standing.text))
        if around.cancelled():
            with around.store.begin() as rows:
                withdraw(rows, _node_id(rows, step.vm), "cancelled by an operator")
            raise Cancelled("not followed any more", "its ticket is withdrawn; its installer stands where it was")
        time.sleep(LOOK_S)


def _bar(percent: float) -> str:
    full = int(percent / 10)
    return f"[{'#' * full}{'.' * (10 - full)}]"


def _ticket(rows: Repository, step: Step, driver: str) -> tuple[Ticket, str]:
    node = rows.nodes.find(step.vm)
    if node is None:
        raise InstallError(f"could not install {step.vm}", "it is gone from the store")
    network = network_of(rows, node)
    if isinstance(network, Refused):
        raise InstallError(f"could not install {step.vm}", network.reason)
    settings = _settings(step)
    ticket = issue(rows, node.id, network.mac, _text(step, "who"), hours=settings.ticket_hours)
    if isinstance(ticket, Refused):
        raise InstallError(f"could not install {step.vm}", ticket.reason)
    rows.boot.set_action(node.id, "install")
    arguments = kernel_arguments(
        network,
        _text(step, "service"),
        ticket.token,
        driver=driver,
        extra=_text(step, "arguments"),
        old=needs_old_arguments(rows.attributes.resolved(node.id)),
    )
    return ticket, arguments


def _plain(options: DomainOptions) -> DomainOptions:
    """Without what would stand in the installer's way."""
    return replace(options, installing=True, cdrom="")


def _put_again(step: Step, shell: Shell | None) -> tuple[str, str]:
    """Where both files are on the container; there already unless somebody deleted them since."""
    found = []
    for source in (_text(step, "kernel"), _text(step, "initrd")):
        path = fetch(source)
        found.append(put(shell, path) if shell is not None else f"/quarry/{digest(path)}")
    return found[0], found[1]


def _console(record: VmRecord, shell: Shell | None, driver: str, start: int | None = None) -> ConsoleTail:
    path = record.attributes.get(_LOG_ATTRIBUTE, DomainOptions().console_log)
    path = path.replace("{name}", record.name.replace("/", "_"))
    return ConsoleTail(shell if driver == "qemu" else None, path, start)


def _console_start(around: Surroundings, install: int) -> int | None:
    with around.store.reading() as rows:
        told = [event.detail for event in rows.installs.events(install) if event.kind == _BOOT]
    return int(told[0]) if told and told[0].isdecimal() else None


@contextmanager
def _shell(step: Step) -> Iterator[Shell | None]:
    settings = ContainerSettings(keyfile=_text(step, "keyfile"), known_hosts=_text(step, "known_hosts"))
    shell = shell_for(_text(step, "uri"), settings)
    try:
        yield shell
    finally:
        if shell is not None:
            shell.close()


def _settings(step: Step) -> InstallSettings:
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


def _record(around: Surroundings, name: str) -> VmRecord:
    fleet = StoreFleet(around.store).fleet()
    record = next((one for one in fleet.vms if one.name == name and one.uuid == around.uuid), None)
    if record is None:
        raise InstallError(f"could not install {name}", "it is gone from the store")
    return record


def _is_active(around: Surroundings) -> bool:
    try:
        return around.hypervisor.domain(around.uuid).state in _ACTIVE
    except DomainNotFound:
        return False


def _open_install(around: Surroundings, name: str) -> int | None:
    with around.store.reading() as rows:
        found = rows.installs.open_of(_node_id(rows, name))
    return found[0].id if found else None


def _last_install(around: Surroundings, name: str) -> int | None:
    with around.store.reading() as rows:
        found = rows.installs.of_node(_node_id(rows, name), limit=1)
    return found[0].id if found else None


def _node_id(rows: Repository, name: str) -> int:
    node = rows.nodes.find(name)
    return node.id if node is not None else -1


def _text(step: Step, name: str) -> str:
    return str(step.arguments.get(name) or "")


INSTALLS: Mapping[StepKind, Callable[[Step, Surroundings], None]] = {
    StepKind.PUT_INSTALLER: _put_installer,
    StepKind.INSTALL: _install,
    StepKind.FOLLOW: _follow,
}
