"""Workers as processes of their own: with any settings file or none, and heard when they cannot begin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import JobError
from core.jobs.desk import Desk, claim
from core.jobs.journal import plan_to_json
from core.jobs.launch import DetachedLauncher
from core.operations.plan import Plan, StepKind
from core.outcome import Allowed
from core.settings import Settings, StoreSettings
from core.store.job_records import JobState
from tests.unit.jobs.works import Works

NAME = "compute-0-0-0"


def forgetting(works: Works) -> Plan:
    """A plan that needs no container."""
    plan = works.house.plan("remove", NAME, force="yes")
    assert [step.kind for target in plan.targets for step in target.steps] == [StepKind.FORGET]
    return plan


def desk_of(works: Works, folder: Path) -> Desk:
    settings = Settings(store=StoreSettings(f"sqlite:///{folder / 'quarry.sqlite'}"))
    return Desk(works.store, "ann", DetachedLauncher(settings))


def ended(works: Works) -> None:
    """Wait until the only job has done its work."""
    give_up_at = time.monotonic() + 90
    while not (record := works.desk().jobs()[0].record).state.is_over:
        assert time.monotonic() < give_up_at, record
        time.sleep(0.05)
    assert record.state is JobState.DONE, record.detail
    assert works.locked() == []


def test_a_worker_needs_no_settings_file(works: Works, tmp_path: Path) -> None:
    works.house.container(0).destroy(works.house.record(NAME).uuid)
    job = desk_of(works, tmp_path).submit(forgetting(works))
    assert isinstance(job, int)
    ended(works)


def test_who_hands_a_job_in_hears_when_its_worker_has_it(works: Works, tmp_path: Path) -> None:
    works.house.container(0).destroy(works.house.record(NAME).uuid)
    desk_of(works, tmp_path).submit(forgetting(works))
    view = works.desk().jobs()[0]
    assert view.alive or view.record.state is JobState.DONE
    ended(works)


def test_a_worker_that_finds_its_job_taken_says_by_whom_and_leaves_it(works: Works, tmp_path: Path) -> None:
    class Overtaken(DetachedLauncher):
        """Another worker is quicker."""

        def launch(self, job: int) -> None:
            claim(works.store, job)
            super().launch(job)

    works.house.container(0).destroy(works.house.record(NAME).uuid)
    settings = Settings(store=StoreSettings(f"sqlite:///{tmp_path / 'quarry.sqlite'}"))
    with pytest.raises(JobError, match=rf"start a worker for job 1: .*process {os.getpid()} on .* is at it"):
        Desk(works.store, "ann", Overtaken(settings)).submit(forgetting(works))
    view = works.desk().job(1)
    assert view is not None and view.record.state is JobState.RUNNING


DYING = """
import os, signal, sys
from core.jobs.desk import Desk
from core.jobs.journal import plan_from_json
from core.store.store import Store

class Dying:
    def launch(self, job):
        os.kill(os.getpid(), signal.SIGKILL)

Desk(Store.open(sys.argv[1]), "ann", Dying()).submit(plan_from_json(sys.stdin.read()))
"""


def test_a_job_whose_launcher_was_killed_is_interrupted_at_once(works: Works, tmp_path: Path) -> None:
    works.house.container(0).destroy(works.house.record(NAME).uuid)
    plan = plan_to_json(forgetting(works))
    died = subprocess.run([sys.executable, "-c", DYING, works.store.url], input=plan, text=True, check=False)
    assert died.returncode == -signal.SIGKILL
    (view,) = works.desk().interrupted()
    assert view.record.state is JobState.WAITING and works.locked() == [NAME]
    assert desk_of(works, tmp_path).resume(view.record.id) == Allowed()
    ended(works)


def test_a_worker_that_cannot_begin_says_why(works: Works, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "quarry.toml"
    broken.write_text("[store\n", encoding="utf-8")
    monkeypatch.setenv("QUARRY_CONFIG", str(broken))
    works.house.container(0).destroy(works.house.record(NAME).uuid)
    with pytest.raises(JobError, match=r"could not start a worker for job 1: .*quarry\.toml.*resume job 1"):
        desk_of(works, tmp_path).submit(forgetting(works))
    record = works.desk().jobs()[0].record
    assert record.state is JobState.FAILED and "could not start a worker" in record.detail
    assert works.locked() == [NAME]
    broken.write_text("", encoding="utf-8")
    assert desk_of(works, tmp_path).resume(1) == Allowed()
    ended(works)
