"""Moves of guests that count on their disks: nothing jumps back, nothing is lost, whoever dies on the way.

One guest serves every test and is moved from where the last one left it; what is not whole is made anew.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from core.jobs.view import JobView
from core.outcome import Allowed
from core.store.job_records import JobState
from tests.integration.hypervisor.helping import eventually
from tests.integration.jobs.cluster import PATIENCE_S, Cluster, Place
from tests.integration.jobs.conftest import DISKS
from tests.lab.netns.lab import Lab

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

NAME = "compute-0-0-0"
SAVED_STEPS = ("check", "save-here", "copy", "switch", "define-there", "restore-there", "run-there", "leave")


@pytest.fixture(scope="module")
def cluster(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster.build(lab, tmp_path_factory.mktemp("cluster"))
    yield made
    made.close()


@pytest.fixture
def place(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Where the guest is, counting. Workers that a test itself starts get the lab's settings, too."""
    monkeypatch.setenv("QUARRY_CONFIG", str(cluster.config_file))
    return cluster.standing(NAME)


def counts_on(cluster: Cluster, place: Place) -> None:
    """Same boot, and the counter goes on from where it was."""
    eventually(lambda: cluster.ticks(NAME) > place.counter[1] + 1, PATIENCE_S)
    assert cluster.counter(NAME)[0] == place.counter[0]


def is_whole(cluster: Cluster, here: str, there: str) -> None:
    """One domain, one disk, no leftovers."""
    assert cluster.states(NAME) == {here: "running"}
    assert cluster.files(here) == [f"{NAME}.vda"]
    assert cluster.files(there) == []
    with cluster.store.reading() as rows:
        assert rows.locks.all() == []


def seen(cluster: Cluster, job: int) -> JobView:
    view = cluster.desk().job(job)
    assert view is not None
    return view


def is_copying(cluster: Cluster, job: int) -> bool:
    """Some of a file is over, not all of it."""
    view = seen(cluster, job)
    assert not view.record.state.is_over, view.record.detail
    return any(one.kind == "copy" and 0 < one.done_bytes < one.total_bytes for one in view.steps)


def is_migrating(cluster: Cluster, job: int) -> bool:
    """libvirt carries it over."""
    view = seen(cluster, job)
    assert not view.record.state.is_over, view.record.detail
    return any(one.kind == "migrate" and one.done_bytes > 0 for one in view.steps)


def test_rocks_way_prints_rocks_lines_and_the_vm_goes_on(cluster: Cluster, place: Place) -> None:
    done = cluster.quarry(f"move host vm {NAME} {place.there} live=no")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "Saving the VM's current state.",
        f"Copying the VM's current state to {place.there}.",
        f"Copying VM disk file to {place.there}.",
        f"Moving virtual disk ({DISKS}/{NAME}.vda) to {place.there}",
        f"Restarting the VM on {place.there}.",
    ]
    counts_on(cluster, place)
    is_whole(cluster, place.there, place.here)


def test_live_the_counter_never_jumps_back_or_gaps(cluster: Cluster, place: Place) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there}")
    last = place.counter
    while not seen(cluster, job).record.state.is_over:
        now = cluster.counter(NAME)
        # Between the target's start and the store's switch the source's disk is the old one, not a torn one.
        assert now == (0, 0) or (now[0] == last[0] and now[1] >= last[1])
        last = max(last, now)
        time.sleep(0.2)
    assert seen(cluster, job).record.state is JobState.DONE
    counts_on(cluster, Place(place.here, place.there, last))
    is_whole(cluster, place.there, place.here)
    steps = cluster.quarry(f"list job {job}").stdout
    assert "down for" in steps and "live:" in steps


def test_a_stopped_vm_moves_and_boots_there(cluster: Cluster, place: Place) -> None:
    assert cluster.quarry(f"stop host vm {NAME}").returncode == 0
    done = cluster.quarry(f"move host vm {NAME} {place.there}")
    assert (done.returncode, done.stderr) == (0, "")
    assert cluster.states(NAME) == {place.there: "shut off"}
    started = cluster.quarry(f"start host vm {NAME}")
    assert (started.returncode, started.stderr) == (0, "")
    eventually(lambda: cluster.counter(NAME)[0] == place.counter[0] + 1, PATIENCE_S)
    is_whole(cluster, place.there, place.here)


def test_memory_that_libvirt_saved_is_neither_moved_nor_overruled(cluster: Cluster, place: Place) -> None:
    cluster.lab.virsh(place.here, "managedsave", NAME)
    for line in (f"move host vm {NAME} {place.there}", f"restore host vm {NAME} file={DISKS}/{NAME}.vda"):
        refused = cluster.quarry(line)
        assert refused.returncode != 0 and "memory that libvirt itself saved" in refused.stderr
    started = cluster.quarry(f"start host vm {NAME}")
    assert (started.returncode, started.stderr) == (0, f"note - {NAME}: its saved memory is restored\n")
    counts_on(cluster, place)
    is_whole(cluster, place.here, place.there)


@pytest.mark.parametrize("step", SAVED_STEPS)
@pytest.mark.parametrize("back", [False, True], ids=["resume", "rollback"])
def test_killed_in_every_step(cluster: Cluster, place: Place, step: str, back: bool) -> None:
    job = cluster.submit(NAME, place.there, live="no")
    if not cluster.kill_in(job, step):
        is_whole(cluster, place.there, place.here)
        return
    assert seen(cluster, job).interrupted
    assert cluster.desk("bob").resume(job, back=back) == Allowed()
    ended = cluster.over(job).record
    if back and ended.state is JobState.FAILED:
        assert "cannot be taken back" in ended.detail
        assert cluster.desk("bob").resume(job) == Allowed()
        ended = cluster.over(job).record
        back = False
    assert ended.state is (JobState.ROLLED_BACK if back else JobState.DONE), ended.detail
    is_whole(cluster, *((place.here, place.there) if back else (place.there, place.here)))
    counts_on(cluster, place)


def test_a_vm_whose_worker_was_killed_stays_held_and_the_job_is_offered(cluster: Cluster, place: Place) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there} live=no bandwidth=8")
    assert cluster.kill_when(job, lambda _: is_copying(cluster, job))
    assert "interrupted" in cluster.quarry("list job").stdout
    refused = cluster.quarry(f"stop host vm {NAME}")
    assert refused.returncode != 0
    assert f"is held by ann (move, interrupted, job {job}): `resume job {job}` goes on with it" in refused.stderr
    cancelled = cluster.quarry(f"cancel job {job}")
    assert cancelled.returncode != 0 and "resume it or roll it back" in cancelled.stderr
    resumed = cluster.quarry(f"resume job {job}")
    assert resumed.returncode == 0, resumed.stderr
    is_whole(cluster, place.there, place.here)
    counts_on(cluster, place)


@pytest.mark.parametrize("back", [False, True], ids=["resume", "rollback"])
def test_killed_in_a_live_move(cluster: Cluster, place: Place, back: bool) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there} live=yes bandwidth=30")
    assert cluster.kill_in(job, "migrate")
    done = cluster.quarry(f"resume job {job}" + (" rollback=yes" if back else ""))
    assert done.returncode == 0, done.stderr
    is_whole(cluster, *((place.here, place.there) if back else (place.there, place.here)))
    counts_on(cluster, place)


def test_a_live_move_is_stopped_on_demand(cluster: Cluster, place: Place) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there} live=yes bandwidth=4")
    eventually(lambda: is_migrating(cluster, job), PATIENCE_S)
    assert cluster.quarry(f"cancel job {job}").returncode == 0
    assert cluster.over(job).record.state is JobState.CANCELLED
    is_whole(cluster, place.here, place.there)
    counts_on(cluster, place)


@pytest.mark.parametrize("fallback", [True, False], ids=["fallback", "no fallback"])
def test_a_live_move_whose_target_dies_under_it(cluster: Cluster, place: Place, fallback: bool) -> None:
    allowed = " fallback=yes" if fallback else ""
    job = cluster.begin(f"move host vm {NAME} {place.there} live=yes bandwidth=12{allowed}")
    eventually(lambda: is_migrating(cluster, job), PATIENCE_S)
    cluster.kill_guest(place.there, NAME)
    view = cluster.over(job)
    if fallback:
        assert view.record.state is JobState.DONE, view.record.detail
        assert "no live move, so the saved way" in cluster.quarry(f"list job {job}").stdout
        is_whole(cluster, place.there, place.here)
    else:
        assert view.record.state is JobState.FAILED
        assert "it is where and as it was before" in view.record.detail
        is_whole(cluster, place.here, place.there)
    counts_on(cluster, place)


def test_a_target_that_fills_up_leaves_the_source_running(cluster: Cluster, place: Place) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there} live=no bandwidth=8")
    there = cluster.lab.containers[place.there]
    try:
        eventually(lambda: is_copying(cluster, job), PATIENCE_S)
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
    is_whole(cluster, place.here, place.there)
    counts_on(cluster, place)


def test_a_target_that_is_cut_off_leaves_the_source_running(cluster: Cluster, place: Place) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there} live=no bandwidth=4")
    eventually(lambda: is_copying(cluster, job), PATIENCE_S)
    with cluster.cut_off(place.there):
        view = cluster.over(job)
        assert view.record.state is JobState.FAILED
        assert "it is where and as it was before, but what came to its target is still there" in view.record.detail
        counts_on(cluster, place)
    tidied = cluster.quarry(f"resume job {job} rollback=yes")
    assert tidied.returncode == 0, tidied.stderr
    is_whole(cluster, place.here, place.there)
    counts_on(cluster, place)


def test_two_operators_move_the_same_vm(cluster: Cluster, place: Place) -> None:
    job = cluster.begin(f"move host vm {NAME} {place.there} live=no bandwidth=8")
    second = cluster.quarry(f"move host vm {NAME} {place.there}")
    assert second.returncode != 0
    assert f"is held by ann (move, job {job})" in second.stderr
    assert cluster.over(job).record.state is JobState.DONE
    is_whole(cluster, place.there, place.here)


def test_a_container_is_emptied_and_filled_again_by_the_command_it_tells(cluster: Cluster, place: Place) -> None:
    done = cluster.quarry(f"drain host {place.here}")
    assert done.returncode == 0, done.stderr
    is_whole(cluster, place.there, place.here)
    told = re.search(r"to bring them back: (move host vm .*)", done.stderr)
    assert told is not None, done.stderr
    back = cluster.quarry(told.group(1))
    assert back.returncode == 0, back.stderr
    is_whole(cluster, place.here, place.there)
    counts_on(cluster, place)


def test_memory_is_restored_once_and_not_over_a_disk_written_since(cluster: Cluster, place: Place) -> None:
    assert cluster.quarry(f"save host vm {NAME}").returncode == 0
    assert f"{NAME}.saved" in cluster.quarry("list host saved").stdout
    restored = cluster.quarry(f"restore host vm {NAME}")
    assert (restored.returncode, restored.stderr) == (0, "")
    counts_on(cluster, place)
    is_whole(cluster, place.here, place.there)
    assert cluster.quarry(f"save host vm {NAME}").returncode == 0
    disk = f"{DISKS}/{NAME}.vda"
    written = f"sleep 3; dd if=/dev/zero of={disk} bs=1M seek=100 count=1 conv=notrunc status=none"
    cluster.lab.containers[place.here].run("bash", "-c", written)
    refused = cluster.quarry(f"restore host vm {NAME}")
    assert refused.returncode != 0
    assert f"has a disk ({disk}) that was written after its memory was saved" in refused.stderr
    assert "was written since" in cluster.quarry("list host saved").stdout
    booted = cluster.quarry(f"start host vm {NAME} discard=yes")
    assert booted.returncode == 0, booted.stderr
    eventually(lambda: cluster.counter(NAME)[0] == place.counter[0] + 1, PATIENCE_S)
    is_whole(cluster, place.here, place.there)
