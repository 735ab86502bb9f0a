"""How far a job is, as people see it."""

from __future__ import annotations

import pytest

from core.jobs.view import percent_of
from core.operations.plan import StepKind
from core.store.job_records import JobStepRecord, StepState

MB = 10**6


def step(kind: StepKind, state: StepState, done_bytes: int = 0, total_bytes: int = 0) -> JobStepRecord:
    return JobStepRecord(1, 1, 0, 0, "c-0-0", kind.value, "", state, None, None, "", "", done_bytes, total_bytes, 0)


def test_a_step_counts_by_what_it_copies() -> None:
    copied = step(StepKind.COPY, StepState.BEGUN, 75 * MB, 150 * MB)
    assert percent_of([step(StepKind.DEFINE, StepState.DONE), copied]) == pytest.approx(100 * 2.5 / 4)


def test_an_install_has_hardly_begun_when_its_installer_boots() -> None:
    before = [step(StepKind.DEFINE, StepState.DONE)] * 4
    after = step(StepKind.START, StepState.WAITING)
    assert percent_of([*before, step(StepKind.FOLLOW, StepState.WAITING), after]) < 10
    half = step(StepKind.FOLLOW, StepState.BEGUN, 25 * MB, 50 * MB)
    assert 45 < percent_of([*before, half, after]) < 60
    assert percent_of([step(StepKind.FOLLOW, StepState.DONE)]) == 100
