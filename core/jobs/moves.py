"""Plans of moves for the screen, and how moves are carried out: both sides are asked, then the operations decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.inventory.snapshot import InventorySnapshot, VmKey
from core.jobs.desk import promised_bytes
from core.jobs.journal import JobOptions
from core.operations.carrier import Carrier
from core.operations.drain import plan_drain, survey_drain, undo_lines
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import survey
from core.operations.plan import Plan
from core.operations.run import Hypervisors
from core.outcome import Refused

if TYPE_CHECKING:
    from core.store.store import Store


class Moves:
    """Makes plans of moves. Every call may block for as long as the containers take."""

    def __init__(self, store: Store, hypervisors: Hypervisors, carrier: Carrier) -> None:
        self._store = store
        self._hypervisors = hypervisors
        self.carrier = carrier

    def plan(
        self,
        targets: Sequence[VmKey],
        snapshot: InventorySnapshot,
        parameters: Mapping[str, str],
        *,
        read_only: bool = False,
    ) -> Plan | Refused:
        """Plan a move.

        Args:
            parameters: ``physhost``; ``live`` and ``parallel`` where the operator gave them.
        """
        destination = parameters.get("physhost", "")
        with self._store.reading() as rows:
            promised = promised_bytes(rows).get(destination, 0)
        found = survey(targets, destination, snapshot, self._hypervisors, self.carrier, promised)
        return plan_move(targets, destination, snapshot, found, _wishes(parameters), read_only=read_only)

    def drain(
        self, snapshot: InventorySnapshot, parameters: Mapping[str, str], *, read_only: bool = False
    ) -> Plan | Refused:
        """Plan the moves that empty a container.

        Args:
            parameters: ``host``; ``live`` and ``parallel`` where the operator gave them.
        """
        container = parameters.get("host", "")
        with self._store.reading() as rows:
            promised = promised_bytes(rows)
        found = survey_drain(container, snapshot, self._hypervisors, self.carrier, promised)
        return plan_drain(container, snapshot, found, _wishes(parameters), read_only=read_only)


def options_of(plan: Plan) -> JobOptions:
    """How a plan is carried out as a job: a drain stops at its first failure, and its way back is kept ready."""
    if plan.verb == "drain" and plan.targets:
        return JobOptions(plan.at_once, True, undo_lines(plan))
    return JobOptions(plan.at_once)


def _wishes(parameters: Mapping[str, str]) -> Wishes:
    at_once = parameters.get("parallel", "1")
    return Wishes(live=parameters.get("live", "auto"), at_once=int(at_once) if at_once.isdecimal() else 1)
