"""Saved memory: not begun without room, listed with its size and date, and told when it no longer fits its disks."""

from __future__ import annotations

from dataclasses import replace

from core.commands.context import Context
from core.commands.dispatch import dispatch
from core.hypervisor.model import ContainerName, DomainState
from core.operations.carrier import FileFacts, Ground
from core.operations.plan import Outcome
from core.settings import Settings
from tests.unit.jobs.works import Works, image

NAME = "compute-0-0-0"


class DatedCarrier:
    """Files with dates."""

    def __init__(self, *files: FileFacts) -> None:
        self._files = {one.path: one for one in files}

    def look(self, container: ContainerName, paths: list[str]) -> Ground:
        return Ground(
            "/state/partition1", 10**12, None, {one: self._files[one] for one in paths if one in self._files}
        )


def listed(works: Works, *files: FileFacts) -> str:
    context = Context(Settings(), who="ann", store=works.store, carrier=DatedCarrier(*files))  # type: ignore[arg-type]
    return dispatch("list host saved", context).out


def test_no_save_is_begun_without_room_for_it(works: Works) -> None:
    works.house.container(0).free_bytes = 10**8
    (result,) = works.house.run(works.house.plan("save", NAME))
    assert result.outcome is Outcome.FAILED
    assert "its memory takes 1.1 GB, /state/partition1 on vm-container-0-0 has 100 MB free" in result.detail
    assert works.house.domain(NAME).state is DomainState.RUNNING
    assert works.house.record(NAME).saved_file == ""


def test_saved_memory_is_listed_with_size_and_date(works: Works) -> None:
    works.house.run(works.house.plan("save", NAME))
    path = works.house.record(NAME).saved_file
    memory = FileFacts(path, 10**9, 10**9, "a", written_at_s=1_767_268_020.0)
    disk = FileFacts(image(NAME), 36 * 10**9, 10**9, "b", written_at_s=1_767_268_000.0)
    out = listed(works, memory, disk)
    assert path in out and "1 GB" in out and "2026-01-01 11:47:00" in out and "written since" not in out
    assert "written since" in listed(works, memory, replace(disk, written_at_s=1_767_269_000.0))
    assert "the file is not there" in listed(works)
