"""However changes arrive, the board shows what a fresh look at all of it would show."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from core.demo.synthetic import facts_of, synthetic_fleet
from core.hypervisor.model import ContainerName, DomainFacts, DomainState, DomainUuid, LinkState
from core.inventory.board import Board
from core.inventory.snapshot import ContainerView, Drift, Lock, VmRecord
from core.inventory.state import ContainerState, FleetRecords

FLEET = synthetic_fleet(3, 3)
NAMES = [one.name for one in FLEET.containers]
UUIDS = [one.uuid for one in FLEET.vms] + [DomainUuid(f"00000000-0000-0000-0000-00000000000{n}") for n in range(3)]


@dataclass(frozen=True)
class Report:
    """One container says what it has."""

    container: ContainerName
    state: ContainerState


def domain(uuid: DomainUuid, state: DomainState, saved: bool) -> DomainFacts:
    record = next((one for one in FLEET.vms if one.uuid == uuid), FLEET.vms[0])
    return replace(facts_of(record, state), uuid=uuid, managed_save=saved)


states = st.sampled_from(list(DomainState))
domains = st.dictionaries(st.sampled_from(UUIDS), st.tuples(states, st.booleans()), max_size=7).map(
    lambda found: {uuid: domain(uuid, state, saved) for uuid, (state, saved) in found.items()}
)
reports = st.builds(
    Report,
    st.sampled_from(NAMES),
    st.builds(
        lambda found, fresh, seen: ContainerState(
            link=LinkState.UP if fresh else LinkState.DOWN, domains=found, listed=True, fresh=fresh, seen_at_s=seen
        ),
        domains,
        st.booleans(),
        st.sampled_from([1.0, 2.0]),
    ),
)
fleets = st.builds(
    lambda vms, homes, locked: FleetRecords(
        FLEET.containers,
        tuple(replace(one, container=homes[at % len(homes)]) for at, one in enumerate(vms)),
        "rocks",
        {one: Lock("ann", "moves it") for one in locked},
    ),
    st.lists(st.sampled_from(FLEET.vms), unique=True, max_size=9),
    st.lists(st.sampled_from([*NAMES, ContainerName("not-there")]), min_size=1, max_size=4),
    st.sets(st.sampled_from(UUIDS), max_size=3),
)


def play(steps: list[Report | FleetRecords]) -> Board:
    board = Board()
    last: dict[ContainerName, ContainerState] = {}
    for step in steps:
        if isinstance(step, FleetRecords):
            board.set_fleet(step)
            continue
        old = last.get(step.container, ContainerState()).domains
        new = step.state.domains
        differing = [uuid for uuid in old.keys() | new.keys() if old.get(uuid) != new.get(uuid)]
        if board.set_state(step.container, step.state, differing) or step.container in board.uris():
            last[step.container] = step.state
    return board


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(reports, fleets), max_size=12))
def test_change_by_change_is_the_same_as_all_at_once(steps: list[Report | FleetRecords]) -> None:
    steps = [FLEET, *steps]
    last_fleet = [one for one in steps if isinstance(one, FleetRecords)][-1]
    last_states = {one.container: one for one in steps if isinstance(one, Report)}
    assert play(steps).containers == play([last_fleet, *last_states.values()]).containers


@settings(max_examples=200, deadline=None)
@given(fleets, st.lists(reports, min_size=1, max_size=4))
def test_drift_is_what_its_definition_says(fleet: FleetRecords, said: list[Report]) -> None:
    board = play([fleet, *said])
    has = {one.container: one.state for one in said}
    for container in board.containers:
        for row in container.vms:
            uuid = row.key.uuid
            holders = {name for name, state in has.items() if uuid in state.domains}
            record = next((one for one in fleet.vms if one.uuid == uuid), None)
            here = container.name in holders
            expected = Drift.NONE
            if here and len(holders) > 1:
                expected = Drift.DUPLICATE
            elif here and record is None:
                expected = Drift.UNKNOWN
            elif (here and record is not None and record.container != container.name) or (not here and holders):
                expected = Drift.ELSEWHERE
            elif not here and container.name in has:
                expected = Drift.NOT_DEFINED
            assert row.drift is expected
            assert row.defined is here


@settings(max_examples=100, deadline=None)
@given(fleets, st.lists(reports, min_size=1, max_size=4))
def test_every_record_and_every_domain_has_exactly_one_row_per_container(
    fleet: FleetRecords, said: list[Report]
) -> None:
    board = play([fleet, *said])
    has = {one.container: one.state for one in said}
    for container in board.containers:
        rows = [row.key.uuid for row in container.vms]
        homes = {one.uuid for one in fleet.vms if one.container == container.name}
        found = set(has[container.name].domains) if container.name in has else set()
        assert len(rows) == len(set(rows))
        assert set(rows) == homes | found


@given(reports)
def test_the_same_news_twice_changes_no_object(report: Report) -> None:
    board = play([FLEET, report])
    before = board.containers
    assert not board.set_state(report.container, replace(report.state), None)
    assert not board.set_fleet(replace(FLEET, vms=tuple(replace(one) for one in FLEET.vms)))
    assert board.containers is before


def test_saved_is_shut_off_with_an_image_whoever_made_it() -> None:
    record = FLEET.vms[0]
    off = facts_of(record, DomainState.SHUT_OFF)

    def shown(kept: VmRecord, facts: DomainFacts) -> DomainState:
        board = play(
            [replace(FLEET, vms=(kept,)), Report(NAMES[0], ContainerState(domains={facts.uuid: facts}, listed=True))]
        )
        return board.containers[0].vms[0].state

    assert shown(record, off) is DomainState.SHUT_OFF
    assert shown(record, replace(off, managed_save=True)) is DomainState.SAVED
    assert shown(replace(record, saved_file="/x/y.saved"), off) is DomainState.SAVED
    assert shown(replace(record, saved_file="/x/y.saved"), facts_of(record)) is DomainState.RUNNING


def test_slices_in_order_then_strangers_by_natural_name() -> None:
    strangers = [
        replace(facts_of(FLEET.vms[0]), uuid=uuid, name=name)
        for uuid, name in zip(UUIDS[-3:], ["vm10", "vm9", "a"], strict=True)
    ]
    report = Report(NAMES[0], ContainerState(domains={one.uuid: one for one in strangers}, listed=True))
    board = play([replace(FLEET, vms=tuple(reversed(FLEET.vms))), report])
    view: ContainerView = board.containers[0]
    assert [row.name for row in view.vms] == ["compute-0-0-0", "compute-0-0-1", "compute-0-0-2", "a", "vm9", "vm10"]
