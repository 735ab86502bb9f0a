"""Puts the real fleet together for the screen: store, connections, inventory, operations, commands.

What plans moves, surveys and follows jobs is imported when it is first wanted: the screen opens before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.completion import complete
from core.commands.context import Context, Question
from core.commands.dispatch import dispatch
from core.commands.refusal import Status
from core.console.desk import ConsoleDesk
from core.console.line import Opener
from core.console.locate import opener_for
from core.hypervisor.model import ContainerName
from core.hypervisor.pool import HypervisorPool
from core.inventory.connections import Connections
from core.inventory.inventory import Inventory
from core.inventory.records import StoreFleet
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.jobs.desk import Desk, is_long
from core.jobs.launch import DetachedLauncher, Launcher
from core.jobs.uris import StoreUris
from core.operations.capabilities import allowed
from core.operations.carrier import Carrier
from core.operations.people import Company, Presence, who_am_i
from core.operations.plan import Plan, TargetResult
from core.outcome import Refused, Verdict
from core.remote.carrier import SshCarrier
from core.settings import ContainerSettings, Settings
from core.store.store import Store
from tui.fleet import Ask, Completed, LogRow, Printed, Report

if TYPE_CHECKING:
    from core.jobs.moves import Moves
    from partition_editor.fleet.preview import FleetPreview
    from partition_editor.fleet.preview import Report as Ran
    from partition_editor.scopes import NodeCase

MakeOpener = Callable[
    [str, InventorySnapshot, Callable[[], InventorySnapshot], Mapping[str, str], ContainerSettings], Opener | Refused
]
"""`core.console.locate.opener_for` or the demo's."""


class ComposedFleet:
    """`tui.fleet.Fleet` over the real rooms."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        connections: Connections,
        inventory: Inventory,
        make_opener: MakeOpener = opener_for,
        *,
        launcher: Launcher | None = None,
        carrier: Carrier | None = None,
    ) -> None:
        """Everything given is taken over: `close` closes it.

        Args:
            make_opener: Decides how consoles are opened.

        Raises:
            SettingsError: The settings' boot patterns or escape key cannot be used.
        """
        self._settings = settings
        self._store = store
        self._connections = connections
        self._inventory = inventory
        self._who = who_am_i()
        self._presence = Presence(store, self._who)
        self._make_opener = make_opener
        self._consoles = ConsoleDesk(self._opener, settings.console, inventory.set_boot)
        self._at_close: list[Callable[[], None]] = []
        self._closing = threading.Event()
        self._launcher = launcher or DetachedLauncher(settings)
        if carrier is None:
            carrier = ssh = SshCarrier(StoreUris(store).uri, settings.containers)
            self._at_close.append(ssh.close)
        self._carrier = carrier
        if not self.read_only:
            self._presence.start()

    @cached_property
    def _moves(self) -> Moves:
        from core.jobs.moves import Moves

        return Moves(self._store, self._connections, self._carrier)

    @property
    def read_only(self) -> bool:
        """Asked for, or the store cannot be written."""
        return self._settings.read_only or bool(self._store.read_only_reason)

    @property
    def who(self) -> str:
        """The operator's login name."""
        return self._who

    @property
    def consoles(self) -> ConsoleDesk:
        """Every console that is open or watched."""
        return self._consoles

    @property
    def desk(self) -> Desk:
        """The jobs of everybody on this store."""
        return Desk(self._store, self._who, self._launcher)

    def at_close(self, function: Callable[[], None]) -> None:
        """Have `function` called at the end of `close`."""
        self._at_close.append(function)

    def snapshot(self) -> InventorySnapshot:
        """The inventory's newest."""
        return self._inventory.snapshot()

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """The inventory's serials."""
        return self._inventory.subscribe(callback)

    def set_in_view(self, names: Iterable[str]) -> None:
        """Statistics for these containers only."""
        self._inventory.set_in_view(names)

    def refresh_now(self, names: Iterable[str] | None = None) -> None:
        """List again, retry the unreachable."""
        self._inventory.refresh_now(names)

    def check(self, verb: str, vm: VmView, container: ContainerView) -> Verdict:
        """As the plans decide it."""
        return allowed(verb, vm, container, read_only=self.read_only)

    def plan(self, verb: str, targets: Sequence[VmKey], parameters: Mapping[str, str]) -> Plan | Refused:
        """From the newest snapshot; moves ask the containers as well, a restore the one with the saved memory."""
        from core.operations.planning import plan_action
        from core.operations.saved_survey import survey_saved

        snapshot = self.snapshot()
        if verb == "move":
            return self._moves.plan(targets, snapshot, parameters, read_only=self.read_only)
        if verb == "drain":
            return self._moves.drain(snapshot, parameters, read_only=self.read_only)
        saved = None
        if verb == "restore":
            saved = survey_saved(targets, snapshot, self._carrier, parameters.get("file", ""))
        return plan_action(verb, targets, snapshot, parameters, read_only=self.read_only, saved=saved)

    def script(self, plan: Plan) -> str:
        """For `sh`."""
        from core.operations.script import as_script

        return as_script(plan)

    def run(self, plan: Plan, report: Report) -> list[TargetResult]:
        """To its end; meant for a worker thread. What it wrote to the store is looked at without waiting."""
        from core.jobs.moves import options_of
        from core.jobs.reporting import run_as_job
        from core.operations.run import run_plan

        if is_long(plan):
            results = run_as_job(self.desk, plan, report, self._closing.is_set, options_of(plan))
        else:
            results = run_plan(plan, self._connections, self._store, self._who, report)
        self._inventory.refresh_now([])
        return results

    def command(self, line: str, ask: Ask) -> Printed:
        """With this process's store; questions go to the operator."""

        def answer(question: Question) -> bool:
            return ask(question.lines, question.phrase)

        result = dispatch(line, self._context(answer))
        return Printed(result.out, result.err, result.status is not Status.DONE)

    def complete(self, line: str) -> list[Completed]:
        """At the end of the line."""
        found = complete(line, len(line), self._context(None))
        return [Completed(one.text, line[: one.start] + one.text, one.help) for one in found]

    def log(self, limit: int) -> list[LogRow]:
        """Newest first, times in the operator's zone."""
        with self._store.reading() as rows:
            entries = rows.log.recent(limit)
        return [LogRow(one.at.astimezone(), one.who, one.what, one.target, one.result, one.detail) for one in entries]

    def company(self) -> Company:
        """The other sessions that are alive, and the VMs in work."""
        return self._presence.others()

    def round_trip_s(self, container: str) -> float:
        """One question about the container itself."""
        hypervisor = self._connections.get(ContainerName(container))
        before = time.monotonic()
        hypervisor.host()
        return time.monotonic() - before

    def domain_xml(self, key: VmKey) -> str:
        """From its container."""
        return self._connections.get(key.container).domain_xml(key.uuid)

    def partitioning(self, node: str) -> NodeCase | Refused:
        """From the store."""
        from partition_editor.fleet.case import node_case

        return node_case(self._store, node)

    def preview_partitions(self, hosts: str, release: bool, report: Ran | None = None) -> FleetPreview | Refused:
        """From the store; programs run in their sandbox."""
        from partition_editor.fleet.asking import preview_store

        return preview_store(self._store, hosts, release=release, report=report)

    def close(self) -> None:
        """In bounded time, whatever hangs."""
        self._consoles.close()
        self._closing.set()
        self._inventory.close()
        self._presence.close()
        for function in self._at_close:
            function()
        self._store.close()

    def _opener(self, name: str) -> Opener | Refused:
        """Attributes of VMs are in the snapshot; those of other nodes are read."""
        snapshot = self.snapshot()
        vm = snapshot.by_name().get(name)
        attributes: Mapping[str, str] = vm.record.attributes if vm is not None and vm.record is not None else {}
        if vm is None:
            with self._store.reading() as rows:
                node = rows.nodes.find(name)
                attributes = rows.attributes.resolved(node.id) if node is not None else {}
        return self._make_opener(name, snapshot, self.snapshot, attributes, self._settings.containers)

    def _context(self, ask: Callable[[Question], bool] | None) -> Context:
        return Context(
            self._settings,
            who=self._who,
            ask=ask,
            store=self._store,
            connections=self._connections,
            launcher=self._launcher,
            carrier=self._carrier,
        )


def open_fleet(settings: Settings) -> ComposedFleet:
    """The configured store and its containers. Returns before any container was asked.

    Raises:
        StoreError: The store cannot be opened.
    """
    store = Store.open(
        settings.store_url,
        busy_timeout_s=settings.store.busy_timeout_s,
        read_only=settings.read_only,
        create=not settings.read_only,
    )
    inventory = Inventory(StoreFleet(store), settings.containers)
    pool = HypervisorPool(settings.containers, inventory.on_event, inventory.on_link)
    fleet = ComposedFleet(settings, store, pool, inventory)
    fleet.at_close(pool.close)
    inventory.start(pool)
    return fleet


def open_demo(settings: Settings, *, seed: int = 7, frozen: bool = False) -> ComposedFleet:
    """A lively fleet on libvirt's test driver with a store of its own, gone when it is closed.

    Raises:
        StoreError: No store can be made in the temporary folder.
        OSError: There is no room for temporary files.
    """
    import tempfile

    from core.demo.carrier import PretendCarrier
    from core.demo.console import demo_opener_for
    from core.demo.fleet import DemoFleet
    from core.demo.hypervisor import DemoHypervisor
    from core.jobs.launch import ThreadLauncher
    from core.jobs.runner import Means
    from tui.demo_installs import DemoService

    folder = tempfile.TemporaryDirectory(prefix="quarry-demo-", ignore_cleanup_errors=True)
    demo = DemoFleet(Path(folder.name), seed, frozen=frozen)
    inventory = Inventory(StoreFleet(demo.store), demo.settings, demo=True)
    pool = demo.pool(inventory.on_event, inventory.on_link)
    service = None if frozen else DemoService(demo.store, pool, settings.install, Path(folder.name))
    install = settings.install if service is None else service.settings
    composed = replace(settings, containers=demo.settings, install=install)
    carrier = PretendCarrier(pool.get, DemoHypervisor.pretend_copy, bytes_s=0.0 if frozen else 1.2e9)
    launcher = ThreadLauncher(demo.store, lambda: Means(demo.store, pool, carrier))
    fleet = ComposedFleet(composed, demo.store, pool, inventory, demo_opener_for, launcher=launcher, carrier=carrier)
    fleet.at_close(launcher.close)
    if service is not None:
        fleet.at_close(service.close)
    fleet.at_close(demo.close)
    fleet.at_close(folder.cleanup)
    inventory.start(pool)
    if service is not None:
        service.start()
    demo.liven()
    return fleet
