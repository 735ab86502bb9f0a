"""Killed at any point: whatever call was the last, nothing is lost that was to stay and no old memory is resumed.

Every call to the container and every transaction of the store is a point to die at, before or after its effect.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.errors import DomainBusy
from core.hypervisor.api import Hypervisor
from core.hypervisor.model import DomainState
from core.operations.perform import Surroundings, perform
from core.operations.plan import Outcome, Plan, StepKind
from core.operations.planning import plan_action
from core.store.store import Store
from tests.unit.operations.house import FOLDER, House

NAME = "compute-0-0-0"
IMAGE = f"{FOLDER}/{NAME}.hda"
POINTS = range(16)


class Killed(BaseException):
    """kill -9."""


class Death:
    """Strikes at a numbered point. Even points are before a call's effect, odd ones after it."""

    def __init__(self, at: int) -> None:
        self._left = at

    def here(self) -> None:
        if self._left == 0:
            self._left -= 1
            raise Killed
        self._left -= 1


class Mortal:
    """Anything, with a point before and after each call."""

    def __init__(self, inner: object, death: Death) -> None:
        self._inner, self._death = inner, death

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._inner, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self._death.here()
            answer = method(*args, **kwargs)
            if isinstance(answer, AbstractContextManager):
                return answer
            self._death.here()
            return answer

        return call


def die_during(house: House, plan: Plan, point: int) -> None:
    """Run a plan of one VM and be killed at a point; past the last one it runs to its end."""
    target, death = plan.targets[0], Death(point)
    hypervisor = cast(Hypervisor, Mortal(house.container(), death))
    around = Surroundings(cast(Store, Mortal(house.store, death)), hypervisor, target)
    try:
        for step in target.steps:
            perform(step, around)
    except Killed:
        return


def has_rows(house: House) -> bool:
    with house.store.reading() as rows:
        return rows.vms.find(NAME) is not None


def is_defined(container: SyntheticHypervisor, house: House, uuid: str) -> bool:
    return any(one.uuid == uuid for one in container.domains())


@pytest.mark.parametrize("point", POINTS)
def test_remove_never_leaves_a_domain_without_rows_or_without_its_image(tmp_path: Path, point: int) -> None:
    house = House.build(tmp_path, DomainState.SHUT_OFF)
    house.container().images[IMAGE] = 1
    uuid = house.record(NAME).uuid
    die_during(house, house.plan("remove", NAME, images="yes"), point)
    if is_defined(house.container(), house, uuid):
        assert IMAGE in house.container().images and has_rows(house)
    if IMAGE in house.container().images:
        assert has_rows(house)
    if has_rows(house):
        assert house.run(house.plan("remove", NAME, images="yes"))[0].outcome is Outcome.DONE
    assert not has_rows(house) and house.container().images == {}
    house.store.close()


@pytest.mark.parametrize("point", POINTS)
def test_save_is_remembered_or_the_vm_still_runs(tmp_path: Path, point: int) -> None:
    house = House.build(tmp_path)
    house.container().saved[f"{FOLDER}/{NAME}.saved"] = house.domain("compute-0-0-1")
    die_during(house, house.plan("save", NAME), point)
    if house.domain(NAME).state is DomainState.RUNNING:
        return
    assert house.snapshot().by_name()[NAME].state is DomainState.SAVED
    assert house.run(house.plan("restore", NAME))[0].outcome is Outcome.DONE
    assert house.domain(NAME).state is DomainState.RUNNING
    house.store.close()


@pytest.mark.parametrize("point", POINTS)
def test_memory_is_never_resumed_over_disks_that_were_written_since(tmp_path: Path, point: int) -> None:
    house = House.build(tmp_path)
    house.run(house.plan("save", NAME))
    die_during(house, house.plan("restore", NAME), point)
    ran = house.domain(NAME).state is DomainState.RUNNING
    if ran:
        house.container().destroy(house.record(NAME).uuid)
    again = plan_action("restore", [NAME], house.snapshot())
    if isinstance(again, Plan):
        outcome = house.run(again)[0].outcome
        assert outcome is Outcome.FAILED or not ran
    house.store.close()


@pytest.mark.parametrize("point", POINTS)
def test_a_start_cut_short_can_be_repeated(tmp_path: Path, point: int) -> None:
    house = House.build(tmp_path, DomainState.SHUT_OFF)
    house.container().undefine(house.record(NAME).uuid)
    die_during(house, house.plan("start", NAME), point)
    if house.snapshot().by_name()[NAME].state is not DomainState.RUNNING:
        assert house.run(house.plan("start", NAME))[0].outcome is Outcome.DONE
    assert house.domain(NAME).state is DomainState.RUNNING
    assert house.container().images == {IMAGE: 36 * 10**9}
    house.store.close()


@pytest.mark.parametrize("point", POINTS)
def test_an_older_file_of_the_same_name_is_never_taken_for_the_new_one(tmp_path: Path, point: int) -> None:
    house = House.build(tmp_path)
    path = f"{FOLDER}/{NAME}.saved"
    house.container().saved[path] = replace(house.domain(NAME), reason="last year")
    die_during(house, house.plan("save", NAME), point)
    if house.domain(NAME).state is DomainState.RUNNING:
        house.container().destroy(house.record(NAME).uuid)
    again = plan_action("restore", [NAME], house.snapshot())
    if isinstance(again, Plan):
        kept = house.container().saved.get(path)
        house.run(again)
        assert kept is None or kept.reason != "last year"
    house.store.close()


def test_an_image_is_not_deleted_while_its_domain_is_defined(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    house.container().images[IMAGE] = 1
    target = house.plan("remove", NAME, images="yes").targets[0]
    step = next(one for one in target.steps if one.kind is StepKind.DELETE_IMAGE)
    with pytest.raises(DomainBusy):
        perform(step, Surroundings(house.store, house.container(), target))
    assert house.container().images == {IMAGE: 1}
