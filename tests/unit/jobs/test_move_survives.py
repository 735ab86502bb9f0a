"""A move killed in every step, then resumed or rolled back; and random sequences of operations with random kills.

What must hold: each VM is on one container at the end, its disk exists exactly once, and is never deleted before
its copy is whole.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.hypervisor.model import ContainerName, DomainState
from core.operations.plan import Plan
from core.outcome import Allowed
from core.store.job_records import JobState
from tests.unit.jobs.test_move import NAME, where
from tests.unit.jobs.works import FIRST, SECOND, Works, image

POINTS = 150
_ON = (DomainState.RUNNING, DomainState.PAUSED)
VMS = ["compute-0-0-0", "compute-0-0-1", "compute-0-1-0"]


class Watched(SyntheticHypervisor):
    """Notices when a disk is deleted while no other container has it."""

    pair: list[Watched]
    sins: list[str]

    def delete_image(self, path: str) -> None:
        if path.endswith(".hda") and path in self.images:
            if not any(path in other.images for other in self.pair if other is not self):
                self.sins.append(f"deleted the last {path}")
            if any(facts.state in _ON and path in {disk.source for disk in facts.disks} for facts in self.domains()):
                self.sins.append(f"deleted {path} under a running VM")
        super().delete_image(path)


def watched(folder: Path, state: DomainState = DomainState.RUNNING, driver: str = "xen") -> Works:
    works = Works.build(folder, state, driver)
    pair = []
    for name, plain in works.house.hypervisors.items():
        one = Watched(ContainerName(name), plain.domains(), driver=driver)
        one.images = dict(plain.images)
        pair.append(one)
    for one in pair:
        one.pair = pair
        one.sins = pair[0].sins if one is not pair[0] else []
        works.house.hypervisors[one.container] = one
    return works


def check_once(works: Works, name: str) -> None:
    """The disk once, the domain once, both where the store says; and nothing forbidden was done on the way."""
    for one in works.house.hypervisors.values():
        assert isinstance(one, Watched) and one.sins == []
    record = works.house.record(name)
    holders = [at for at, one in works.house.hypervisors.items() if image(name) in one.images]
    assert holders == [record.container]
    domains = [
        at for at, one in works.house.hypervisors.items() for facts in one.domains() if facts.uuid == record.uuid
    ]
    assert domains == [record.container]


def one_point(folder: Path, point: int, state: DomainState, *, back: bool, fallback: bool = False) -> bool:
    """Kill a move at a point and clean up; False when it ended before that point."""
    works = watched(folder, state, "qemu" if fallback else "xen")
    job = works.submit(works.move(NAME, fallback=fallback))
    if works.work(job, die_at=point) is not None:
        return False
    active = [name for name, one in where(works) if one is DomainState.RUNNING]
    assert len(active) <= 1, "never on two containers at once"
    assert NAME in works.locked() or works.desk().job(job).percent == 100  # type: ignore[union-attr]
    assert works.desk().resume(job, back=back) == Allowed()
    ended = works.work(job)
    if back and ended is JobState.FAILED:
        # Past the point of no return; the only way is on.
        assert works.desk().resume(job) == Allowed()
        assert works.work(job) is JobState.DONE
    else:
        assert ended is (JobState.ROLLED_BACK if back else JobState.DONE)
    assert [one for _, one in where(works)] == [state]
    assert works.locked() == []
    if not back:
        assert works.house.record(NAME).container == SECOND
    check_once(works, NAME)
    assert not [path for at in (0, 1) for path in works.images(at) if path.endswith(".saved")]
    works.store.close()
    return True


@pytest.mark.parametrize("back", [False, True], ids=["resume", "roll back"])
@pytest.mark.parametrize("state", [DomainState.RUNNING, DomainState.SHUT_OFF], ids=["running", "stopped"])
def test_a_move_killed_at_every_point_is_finished_or_undone(tmp_path: Path, state: DomainState, back: bool) -> None:
    for point in range(POINTS):
        folder = tmp_path / str(point)
        folder.mkdir()
        if not one_point(folder, point, state, back=back):
            assert point > 40
            return
    raise AssertionError("more points than expected")


@pytest.mark.parametrize("back", [False, True], ids=["resume", "roll back"])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_live_move_that_falls_back_is_as_safe(tmp_path: Path, back: bool) -> None:
    # No synthetic container can migrate, so each of these goes the saved way in the end.
    for point in range(0, 2 * POINTS, 5):
        folder = tmp_path / str(point)
        folder.mkdir()
        if not one_point(folder, point, DomainState.RUNNING, back=back, fallback=True):
            assert point > 60
            return
    raise AssertionError("more points than expected")


def test_a_rollback_killed_at_every_point_is_rolled_back_by_the_next_one(tmp_path: Path) -> None:
    off: list[int] = []
    for point in range(0, POINTS, 2):
        folder = tmp_path / str(point)
        folder.mkdir()
        works = watched(folder)
        job = works.submit(works.move(NAME))
        works.work(job, die_at=48)
        assert works.desk().resume(job, back=True) == Allowed()
        ended = works.work(job, die_at=point)
        if ended is None:
            assert works.desk().resume(job, back=True) == Allowed()
            ended = works.work(job)
        assert ended is JobState.ROLLED_BACK
        if where(works) != [(FIRST, DomainState.RUNNING)]:
            # Killed between its mark and the restore: nobody can know that it was not resumed, so it stays off.
            assert where(works) == [(FIRST, DomainState.SHUT_OFF)]
            assert "was restored before and is off now" in works.desk().output(job)[-1].line
            off.append(point)
        check_once(works, NAME)
        works.store.close()
    assert len(off) <= 1


DEEDS = st.tuples(
    st.sampled_from(["move", "start", "stop", "pause", "resume"]),
    st.sampled_from(VMS),
    st.one_of(st.none(), st.integers(0, 110)),
    st.booleans(),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(DEEDS, max_size=6))
def test_after_any_sequence_with_kills_each_disk_is_there_once(
    deeds: list[tuple[str, str, int | None, bool]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        works = watched(Path(folder))
        for verb, name, die_at, back in deeds:
            do(works, verb, name, die_at, back)
        for name in VMS:
            check_once(works, name)
        assert works.locked() == []
        works.store.close()


def do(works: Works, verb: str, name: str, die_at: int | None, back: bool) -> None:
    """One deed as a job, killed or not, and then brought to an end."""
    here = works.house.record(name).container
    if verb == "move":
        plan = works.wish(name, to=SECOND if here == FIRST else FIRST)
    else:
        from core.operations.planning import plan_action
        from tests.unit.operations.house import minimal_definition

        plan = plan_action(verb, [name], works.house.snapshot(), definition=minimal_definition)
    if not isinstance(plan, Plan):
        return
    job = works.submit(plan)
    if works.work(job, die_at=die_at) is not None:
        return
    if works.desk().resume(job, back=back and verb == "move") == Allowed():
        ended = works.work(job)
        if ended is JobState.FAILED and back:
            works.desk().resume(job)
            works.work(job)
