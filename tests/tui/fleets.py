"""A fleet in plain memory: real planning over a made-up snapshot, and states that change when a plan is run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.console.desk import ConsoleDesk
from core.console.line import Opener
from core.console.openers import CommandOpener
from core.hypervisor.model import DomainState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.operations.capabilities import allowed
from core.operations.people import Company
from core.operations.plan import Outcome, Plan, StepKind, TargetPlan, TargetResult
from core.operations.planning import plan_action
from core.operations.run import Progress
from core.operations.script import as_script
from core.outcome import Refused, Verdict
from core.settings import ConsoleSettings
from core.store.records import SessionRecord
from partition_editor.disks import Disk, Profile
from partition_editor.fleet.preview import FleetPreview
from partition_editor.fleet.preview import Report as Ran
from partition_editor.scopes import NodeCase
from tests.builders import make_container, make_snapshot, make_vm
from tests.tui.jobs import ScriptedDesk
from tui.fleet import Ask, Completed, LogRow, Printed, Report

AFTER = {
    StepKind.START: DomainState.RUNNING,
    StepKind.RESUME: DomainState.RUNNING,
    StepKind.SUSPEND: DomainState.PAUSED,
    StepKind.DESTROY: DomainState.SHUT_OFF,
    StepKind.SHUTDOWN: DomainState.SHUT_OFF,
    StepKind.SAVE: DomainState.SAVED,
}


class ScriptedFleet:
    """`tui.fleet.Fleet` without threads of its own.

    Attributes:
        ran: Every plan that was run.
        failing: VM name → why running a plan on it fails.
        before_run: Called when a run begins, in its thread.
        answers: Command line → what it prints.
        cases: Node → what its partition editor opens with, where that is more than a drive.
        console_commands: VM name → the command that plays its console.
    """

    def __init__(self, *containers: ContainerView, read_only: bool = False) -> None:
        self._snapshot = make_snapshot(containers or two_containers())
        self._subscribers: list[Callable[[int], None]] = []
        self._read_only = read_only
        self.ran: list[Plan] = []
        self.failing: dict[str, str] = {}
        self.before_run: Callable[[], None] = lambda: None
        self.answers: dict[str, Printed] = {}
        self.lines: list[str] = []
        self.cases: dict[str, NodeCase] = {}
        self.previews: Callable[[str, bool], FleetPreview | Refused] = lambda hosts, release: Refused("no disks here")
        self.rows: list[LogRow] = []
        self.refreshed: list[Sequence[str] | None] = []
        self.closed = threading.Event()
        self.jobs = ScriptedDesk()
        self.console_commands: dict[str, str] = {}
        self.consoles = ConsoleDesk(
            self._opener, ConsoleSettings(), lambda name, stage: self.change(name, boot=stage)
        )

    @classmethod
    def of(cls, snapshot: InventorySnapshot) -> ScriptedFleet:
        """A fleet that looks like this."""
        fleet = cls()
        fleet._snapshot = snapshot
        return fleet

    @property
    def read_only(self) -> bool:
        return self._read_only

    @property
    def who(self) -> str:
        return "ann"

    @property
    def desk(self) -> ScriptedDesk:
        return self.jobs

    def snapshot(self) -> InventorySnapshot:
        return self._snapshot

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    def set_in_view(self, names: Iterable[str]) -> None:
        """Nothing is measured here."""

    def refresh_now(self, names: Iterable[str] | None = None) -> None:
        self.refreshed.append(None if names is None else list(names))

    def check(self, verb: str, vm: VmView, container: ContainerView) -> Verdict:
        return allowed(verb, vm, container, read_only=self._read_only)

    def plan(self, verb: str, targets: Sequence[VmKey], parameters: Mapping[str, str]) -> Plan | Refused:
        return plan_action(verb, targets, self._snapshot, parameters, read_only=self._read_only)

    def script(self, plan: Plan) -> str:
        return as_script(plan)

    def run(self, plan: Plan, report: Report) -> list[TargetResult]:
        self.before_run()
        self.ran.append(plan)
        results = []
        for number, target in enumerate(plan.targets, 1):
            result = self._run_one(target)
            results.append(result)
            report(Progress(target, result.outcome.value, number, len(plan.targets), result))
        return results

    def command(self, line: str, ask: Ask) -> Printed:
        self.lines.append(line)
        if line.startswith("remove") and not ask([f"{line} removes a row"], ""):
            return Printed("", "error - left out\n", True)
        return self.answers.get(line, Printed("", "", False))

    def complete(self, line: str) -> list[Completed]:
        words = ("list host vm", "list host", "list membership", "add host vm", "start host vm")
        return [Completed(word.rsplit(" ", 1)[-1], word) for word in words if word.startswith(line)]

    def log(self, limit: int) -> list[LogRow]:
        return self.rows[:limit]

    def company(self) -> Company:
        now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        return Company((SessionRecord(7, "bob", "rocks", "/dev/pts/3", 4711, now, now),), ())

    def round_trip_s(self, container: str) -> float:
        return 0.001

    def domain_xml(self, key: VmKey) -> str:
        return f"<domain><uuid>{key.uuid}</uuid></domain>"

    def partitioning(self, node: str) -> NodeCase | Refused:
        if node == "nowhere":
            return Refused("nowhere is not in the store.")
        return self.cases.get(node) or NodeCase(node, (Disk("hda", 36 * 10**9 // 512),), Profile())

    def _opener(self, name: str) -> Opener | Refused:
        command = self.console_commands.get(name)
        return CommandOpener(name, command) if command else Refused(f"{name} has no console here")

    def preview_partitions(self, hosts: str, release: bool, report: Ran | None = None) -> FleetPreview | Refused:
        if report is not None:
            report(1, 3)
        return self.previews(hosts, release)

    def close(self) -> None:
        self.consoles.close()
        self.closed.set()

    def show(self, *containers: ContainerView, store_error: str = "") -> None:
        """Replace the snapshot, as the inventory does."""
        serial = self._snapshot.serial + 1
        self._snapshot = make_snapshot(containers, serial=serial, store_error=store_error)
        for callback in list(self._subscribers):
            callback(serial)

    def change(self, name: str, **changes: object) -> None:
        """Change one VM in the snapshot."""
        containers = [
            replace(one, vms=tuple(replace(vm, **changes) if vm.name == name else vm for vm in one.vms))  # type: ignore[arg-type]
            for one in self._snapshot.containers
        ]
        self.show(*containers)

    def state_of(self, name: str) -> DomainState:
        return self._snapshot.by_name()[name].state

    def _run_one(self, target: TargetPlan) -> TargetResult:
        if target.name in self.failing:
            return TargetResult(target.key, target.name, Outcome.FAILED, self.failing[target.name])
        for step in target.steps:
            if step.kind in AFTER:
                self.change(target.name, state=AFTER[step.kind])
        self.rows.insert(0, LogRow(datetime(2026, 3, 1, 12, tzinfo=UTC), "ann", "did", target.name, "ok"))
        return TargetResult(target.key, target.name, Outcome.DONE)


def two_containers() -> list[ContainerView]:
    """Three VMs on each: running, paused, off."""
    states = (DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUT_OFF)
    return [
        make_container(
            f"vm-container-0-{rank}",
            [
                make_vm(
                    f"compute-0-{rank}-{at}", container=f"vm-container-0-{rank}", slice_no=at, state=state, rank=rank
                )
                for at, state in enumerate(states)
            ],
            rank=rank,
        )
        for rank in range(2)
    ]
