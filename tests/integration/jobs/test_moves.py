"""Moves of guests that count on their disks: nothing jumps back, nothing is lost, whoever dies on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.hypervisor.model import DomainState
from core.store.records import JobState
from tests.integration.hypervisor.helping import eventually
from tests.integration.jobs.cluster import Cluster
from tests.integration.jobs.conftest import DISKS, FIRST, SECOND
from tests.lab.netns.lab import Lab

pytestmark = [pytest.mark.real, pytest.mark.moves]

NAME = "compute-0-0-0"
SAVED_STEPS = ("check", "save-here", "copy", "switch", "define-there", "restore-there", "run-there", "leave")


@pytest.fixture
def cluster(lab: Lab, tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster.build(lab, tmp_path)
    yield made
    made.clean()


def counts_on(cluster: Cluster, before: tuple[int, int]) -> None:
    """Same boot, and the counter goes on from where it was."""
    eventually(lambda: cluster.ticks(NAME) > before[1] + 1, within_s=30)
    assert cluster.counter(NAME)[0] == before[0]


def is_whole(cluster: Cluster, container: str) -> None:
    """One domain, one disk, no leftovers."""
    other = SECOND if container == FIRST else FIRST
    assert cluster.states(NAME) == {container: DomainState.RUNNING}
    assert cluster.files(container) == [f"{NAME}.vda"]
    assert cluster.files(other) == []
    with cluster.store.reading() as rows:
        assert rows.locks.all() == []


def test_rocks_way_prints_rocks_lines_and_the_vm_goes_on(cluster: Cluster) -> None:
    cluster.add(NAME)
    before = cluster.counter(NAME)
    done = cluster.quarry(f"move host vm {NAME} {SECOND} live=no")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Saving the VM's current state.",
        f"Copying the VM's current state to {SECOND}.",
        f"Copying VM disk file to {SECOND}.",
        f"Moving virtual disk ({DISKS}/{NAME}.vda) to {SECOND}",
        f"Restarting the VM on {SECOND}.",
    ]
    counts_on(cluster, before)
    is_whole(cluster, SECOND)


def test_live_the_counter_never_jumps_back_or_gaps(cluster: Cluster) -> None:
    cluster.add(NAME)
    before = cluster.counter(NAME)
    begun = time.monotonic()
    done = cluster.quarry(f"move host vm {NAME} {SECOND}")
    took = time.monotonic() - begun
    assert (done.returncode, done.stderr) == (0, "")
    after = eventually(lambda: cluster.counter(NAME) if cluster.ticks(NAME) > before[1] else None)
    assert after is not None and after[0] == before[0]
    assert after[1] - before[1] >= took - 6, "it stood still"
    is_whole(cluster, SECOND)
    steps = cluster.quarry("list job 1").stdout
    assert "down for" in steps and "live:" in steps


def test_a_stopped_vm_moves_and_boots_there(cluster: Cluster) -> None:
    cluster.add(NAME, start=False)
    done = cluster.quarry(f"move host vm {NAME} {SECOND}")
    assert (done.returncode, done.stderr) == (0, "")
    assert cluster.states(NAME) == {SECOND: DomainState.SHUT_OFF}
    assert cluster.quarry(f"start host vm {NAME}").returncode == 0
    eventually(lambda: cluster.counter(NAME)[0] == 1, within_s=90)


@pytest.mark.parametrize("step", SAVED_STEPS)
@pytest.mark.parametrize("back", [False, True], ids=["resume", "rollback"])
def test_killed_in_every_step(cluster: Cluster, step: str, back: bool) -> None:
    cluster.add(NAME)
    before = cluster.counter(NAME)
    job = cluster.begin(f"move host vm {NAME} {SECOND} live=no bandwidth=40")
    if not cluster.kill_in(job, step):
        is_whole(cluster, SECOND)
        return
    assert "interrupted" in cluster.quarry("list job").stdout
    refused = cluster.quarry(f"stop host vm {NAME}")
    assert refused.returncode != 0 and "is held by" in refused.stderr
    done = cluster.quarry(f"resume job {job}" + (" rollback=yes" if back else ""))
    if back and done.returncode != 0:
        assert "cannot be taken back" in done.stderr
        done = cluster.quarry(f"resume job {job}")
        back = False
    assert done.returncode == 0, done.stderr
    is_whole(cluster, FIRST if back else SECOND)
    counts_on(cluster, before)


@pytest.mark.parametrize("back", [False, True], ids=["resume", "rollback"])
def test_killed_in_a_live_move(cluster: Cluster, back: bool) -> None:
    cluster.add(NAME, data_mb=120)
    before = cluster.counter(NAME)
    job = cluster.begin(f"move host vm {NAME} {SECOND} live=yes bandwidth=20")
    assert cluster.kill_in(job, "migrate")
    done = cluster.quarry(f"resume job {job}" + (" rollback=yes" if back else ""))
    assert done.returncode == 0, done.stderr
    is_whole(cluster, FIRST if back else SECOND)
    counts_on(cluster, before)


def test_a_live_move_is_stopped_on_demand(cluster: Cluster) -> None:
    cluster.add(NAME, data_mb=120)
    before = cluster.counter(NAME)
    job = cluster.begin(f"move host vm {NAME} {SECOND} live=yes bandwidth=10")
    eventually(lambda: "migrate" in [one.kind for one in cluster.desk().job(job).steps if one.began])  # type: ignore[union-attr]
    time.sleep(2)
    assert cluster.quarry(f"cancel job {job}").returncode == 0
    assert cluster.over(job).record.state is JobState.CANCELLED
    is_whole(cluster, FIRST)
    counts_on(cluster, before)


def is_copying_the_disk(cluster: Cluster, job: int) -> bool:
    """Some of the disk is over, not all of it."""
    view = cluster.desk().job(job)
    assert view is not None and not view.record.state.is_over
    return any("copy vda" in one.sentence and 0 < one.done_bytes < one.total_bytes for one in view.steps)


def test_a_target_that_fills_up_leaves_the_source_running(cluster: Cluster) -> None:
    cluster.add(NAME, data_mb=150)
    before = cluster.counter(NAME)
    job = cluster.begin(f"move host vm {NAME} {SECOND} live=no bandwidth=30")
    there = cluster.lab.containers[SECOND]
    try:
        eventually(lambda: is_copying_the_disk(cluster, job))
        there.run(
            "bash",
            "-c",
            # All of it: what is kept back for root would let the copy go on.
            "set -- $(stat -f -c '%f %S' /state/partition1);"
            " fallocate -l $(($1 * $2)) /state/partition1/filler || true",
            timeout_s=120,
        )
        view = cluster.over(job)
    finally:
        there.run("rm", "-f", "/state/partition1/filler")
    assert view.record.state is JobState.FAILED
    assert "No space left" in view.record.detail and "it is where and as it was before" in view.record.detail
    is_whole(cluster, FIRST)
    counts_on(cluster, before)


def test_two_operators_move_the_same_vm(cluster: Cluster) -> None:
    cluster.add(NAME)
    job = cluster.begin(f"move host vm {NAME} {SECOND} live=no bandwidth=20")
    second = cluster.quarry(f"move host vm {NAME} {SECOND}")
    assert second.returncode != 0
    assert f"is held by root (move, job {job})" in second.stderr
    assert cluster.over(job).record.state is JobState.DONE
    is_whole(cluster, SECOND)
