"""Plans of moves for the screen: both containers are asked, then `core.operations.move` decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.inventory.snapshot import InventorySnapshot, VmKey
from core.jobs.desk import promised_bytes
from core.operations.carrier import Carrier
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
            parameters: ``physhost``, and ``live`` where the operator gave it.
        """
        destination = parameters.get("physhost", "")
        with self._store.reading() as rows:
            promised = promised_bytes(rows).get(destination, 0)
        found = survey(targets, destination, snapshot, self._hypervisors, self.carrier, promised)
        wishes = Wishes(live=parameters.get("live", "auto"))
        return plan_move(targets, destination, snapshot, found, wishes, read_only=read_only)
