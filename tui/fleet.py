"""What the screen may ask of the rest of the house. `tui.composition` puts the real one together.

Looking (`snapshot`, `check`) is instant and belongs to any thread. Everything else may block for as long as a store
or a container takes and is called through `tui.background`, never on the screen's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from core.console.desk import ConsoleDesk
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey, VmView
from core.jobs.desk import JobDesk
from core.operations.people import Company
from core.operations.plan import Plan, TargetResult
from core.outcome import Refused, Verdict

if TYPE_CHECKING:
    from core.operations.run import Progress
    from partition_editor.fleet.preview import FleetPreview
    from partition_editor.fleet.preview import Report as Ran
    from partition_editor.scopes import NodeCase

Report = Callable[["Progress"], None]
"""Called from a worker thread whenever a VM of a running plan got further."""

Ask = Callable[[Sequence[str], str], bool]
"""Asks the operator from a worker thread and waits: what will happen, and the phrase to type (empty: ``y``)."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What a command line printed.

    Attributes:
        failed: It did not do what was asked.
    """

    out: str
    err: str
    failed: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """One way to go on with a command line: the word, the whole line with it, and a few words of help."""

    word: str
    line: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of the action log."""

    at: datetime
    who: str
    what: str
    target: str
    result: str
    detail: str = ""


class Fleet(Protocol):
    """The fleet as the screen knows it."""

    @property
    def read_only(self) -> bool:
        """Nothing may be changed."""

    @property
    def who(self) -> str:
        """The operator, as the action log names them."""

    @property
    def consoles(self) -> ConsoleDesk:
        """Every console that is open or watched. Its `open` and `watch` may block."""

    @property
    def desk(self) -> JobDesk:
        """The jobs of everybody on this store. Its calls may block."""

    def snapshot(self) -> InventorySnapshot:
        """The newest state, at once."""

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Have `callback` called, from any thread, with each new serial; returns what ends it."""

    def set_in_view(self, names: Iterable[str]) -> None:
        """Statistics are wanted of these containers only."""

    def refresh_now(self, names: Iterable[str] | None = None) -> None:
        """List again and retry the unreachable now: all containers, or these."""

    def check(self, verb: str, vm: VmView, container: ContainerView) -> Verdict:
        """Whether a verb can be done to a VM now, and why not."""

    def plan(self, verb: str, targets: Sequence[VmKey], parameters: Mapping[str, str]) -> Plan | Refused:
        """A plan from the newest state. A ``drain`` finds its VMs itself; its container is the parameter ``host``."""

    def script(self, plan: Plan) -> str:
        """A plan as a shell script."""

    def run(self, plan: Plan, report: Report) -> list[TargetResult]:
        """Carry a plan out to its end; one target's failure is its result, never an exception."""

    def command(self, line: str, ask: Ask) -> Printed:
        """Run a line of `quarry`."""

    def complete(self, line: str) -> list[Completed]:
        """Ways to go on at the end of a line."""

    def log(self, limit: int) -> list[LogRow]:
        """The newest entries of the action log, newest first. Raises StoreError."""

    def company(self) -> Company:
        """Who else has Quarry open, and which VMs are in work. Raises StoreError."""

    def round_trip_s(self, container: str) -> float:
        """Seconds one small call to the container takes. Raises HypervisorError."""

    def domain_xml(self, key: VmKey) -> str:
        """The live definition of a VM. Raises HypervisorError."""

    def partitioning(self, node: str) -> NodeCase | Refused:
        """A node's drives as the store knows them, and the schemes around it. Raises StoreError."""

    def preview_partitions(self, hosts: str, release: bool, report: Ran | None = None) -> FleetPreview | Refused:
        """What installs of these hosts would do to their disks; `report` hears of the programs. Raises StoreError."""

    def close(self) -> None:
        """End every thread and connection in bounded time. Never raises."""
