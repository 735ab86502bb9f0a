"""One row of the fleet from its two sides, and how they disagree. Pure; the single place that decides drift.

Identity is the UUID: a domain belongs to a record when both carry the same one, whatever their names.
"""

from __future__ import annotations

from collections.abc import Collection

from core.hypervisor.model import ContainerName, DomainFacts, DomainState
from core.inventory.snapshot import Drift, Lock, Rates, VmKey, VmRecord, VmView
from core.inventory.state import ContainerState

ACTIVE_STATES = frozenset({DomainState.RUNNING, DomainState.PAUSED, DomainState.SHUTTING_DOWN})
"""States in which a domain holds memory of its container."""

NO_RATES = Rates()


def drift_of(
    container: ContainerName,
    record: VmRecord | None,
    facts: DomainFacts | None,
    others: Collection[ContainerName],
    state: ContainerState,
) -> tuple[Drift, str]:
    """How the two sides of one row disagree.

    Args:
        container: Whose row it is.
        record: The store's record of this UUID, wherever it places it.
        facts: The container's domain of this UUID.
        others: Other containers that have a domain of this UUID.
        state: What the container last said.

    Returns:
        The kind, and the containers concerned in words; `Drift.NONE` when nothing is wrong or nothing is known.
    """
    where = ", ".join(sorted(others))
    if facts is not None:
        if others:
            return Drift.DUPLICATE, f"also on {where}"
        if record is None:
            return Drift.UNKNOWN, ""
        if record.container != container:
            return Drift.ELSEWHERE, f"the store says {record.container}"
        return Drift.NONE, ""
    if others:
        return Drift.ELSEWHERE, f"on {where}"
    if state.listed:
        return Drift.NOT_DEFINED, ""
    return Drift.NONE, ""


def shown_state(record: VmRecord | None, facts: DomainFacts | None, state: ContainerState) -> DomainState:
    """The state the row shows: shut off with a saved image is saved, whoever saved it."""
    if facts is None and not state.listed:
        return DomainState.UNKNOWN
    known = DomainState.SHUT_OFF if facts is None else facts.state
    if known is not DomainState.SHUT_OFF:
        return known
    saved = (facts is not None and facts.managed_save) or (record is not None and bool(record.saved_file))
    return DomainState.SAVED if saved else known


def vm_view(
    container: ContainerName,
    record: VmRecord | None,
    facts: DomainFacts | None,
    others: Collection[ContainerName],
    state: ContainerState,
    lock: Lock | None,
) -> VmView:
    """The row of one UUID on one container; at least one of record and facts is given."""
    drift, detail = drift_of(container, record, facts, others, state)
    shown = shown_state(record, facts, state)
    stale = None if state.fresh else state.seen_at_s
    if facts is None:
        assert record is not None
        return VmView(
            key=VmKey(container, record.uuid),
            name=record.name,
            state=shown,
            record=record,
            defined=False,
            drift=drift,
            drift_detail=detail,
            memory_kib=record.memory_mib * 1024,
            max_memory_kib=record.memory_mib * 1024,
            vcpus=record.vcpus,
            lock=lock,
            stale_since_s=stale,
        )
    return VmView(
        key=VmKey(container, facts.uuid),
        name=record.name if record is not None else facts.name,
        state=shown,
        record=record,
        defined=True,
        drift=drift,
        drift_detail=detail,
        reason=facts.reason,
        memory_kib=facts.memory_kib,
        max_memory_kib=facts.max_memory_kib,
        vcpus=facts.vcpus,
        disks=facts.disks,
        interfaces=facts.interfaces,
        rates=state.rates.get(facts.uuid, NO_RATES) if facts.state in ACTIVE_STATES else NO_RATES,
        lock=lock,
        stale_since_s=stale,
        managed_save=facts.managed_save,
        persistent=facts.persistent,
        autostart=facts.autostart,
        recipe=facts.recipe,
    )
