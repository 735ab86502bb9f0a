"""Workers as processes of their own: with any settings file or none, and heard when they cannot begin."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from core.errors import JobError
from core.jobs.desk import Desk
from core.jobs.launch import DetachedLauncher
from core.operations.plan import Plan, StepKind
from core.outcome import Allowed
from core.settings import Settings, StoreSettings
from core.store.records import JobState
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
