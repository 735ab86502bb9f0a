"""Saved memory: not begun without room, listed with its size and date, and told when it no longer fits its disks."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from core.commands.context import Context
from core.commands.dispatch import dispatch
from core.commands.refusal import Status
from core.hypervisor.model import ContainerName, DomainState
from core.inventory.connections import Connections
from core.operations.carrier import Carrier, FileFacts, Ground
from core.operations.plan import Confirm, Outcome, Plan
from core.operations.planning import plan_action
from core.operations.saved_survey import SavedFound, survey_saved
from core.outcome import Refused
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


def restoring(works: Works, *files: FileFacts, **parameters: str) -> Plan | Refused:
    snapshot = works.house.snapshot()
    carrier = cast(Carrier, DatedCarrier(*files))
    saved = survey_saved([NAME], snapshot, carrier, parameters.get("file", ""))
    return plan_action("restore", [NAME], snapshot, parameters, saved=saved)


def facts(works: Works, disk_later_s: float) -> tuple[FileFacts, FileFacts]:
    works.house.run(works.house.plan("save", NAME))
    memory = FileFacts(works.house.record(NAME).saved_file, 10**9, 10**9, "a", written_at_s=1_767_268_020.0)
    return memory, FileFacts(image(NAME), 36 * 10**9, 10**9, "b", written_at_s=memory.written_at_s + disk_later_s)


def test_memory_that_fits_its_disks_is_restored_without_a_warning(works: Works) -> None:
    plan = restoring(works, *facts(works, disk_later_s=1.0))
    assert isinstance(plan, Plan)
    assert plan.warnings == () and plan.confirm is Confirm.LIST
    assert "(saved 2026-01-01 " in plan.targets[0].steps[0].sentence and "1 GB" in plan.targets[0].steps[0].sentence


def test_a_disk_written_since_forbids_the_restore_until_it_is_insisted_on(works: Works) -> None:
    files = facts(works, disk_later_s=60.0)
    refused = restoring(works, *files)
    assert isinstance(refused, Refused)
    assert f"has a disk ({image(NAME)}) that was written after its memory was saved" in refused.reason
    assert "discard=yes" in refused.reason and "force=yes" in refused.reason
    forced = restoring(works, *files, force="yes")
    assert isinstance(forced, Plan)
    assert (forced.confirm, forced.confirm_phrase) == (Confirm.TYPED, NAME)
    assert forced.warnings == (f"{NAME}: {image(NAME)} was written since and may be destroyed",)
    assert restoring(works, *files, force="yes", file="/elsewhere") != forced


def test_saved_memory_that_is_gone_or_cannot_be_looked_at_is_said(works: Works) -> None:
    memory, disk = facts(works, disk_later_s=60.0)
    refused = restoring(works, disk)
    assert isinstance(refused, Refused) and "which is not there" in refused.reason
    snapshot = works.house.snapshot()
    saved = {snapshot.by_name()[NAME].key: SavedFound(memory.path, problem="no SSH")}
    plan = plan_action("restore", [NAME], snapshot, saved=saved)
    assert isinstance(plan, Plan)
    assert "is not known (no SSH)" in plan.warnings[0]


def test_the_command_asks_the_container_before_it_restores(works: Works) -> None:
    files = facts(works, disk_later_s=60.0)
    context = Context(
        Settings(), who="ann", store=works.store, carrier=cast(Carrier, DatedCarrier(*files)),
        connections=cast(Connections, works.house.hypervisors),
    )  # fmt: skip
    done = dispatch(f"restore host vm {NAME}", context)
    assert done.status is not Status.DONE
    assert "was written after its memory was saved" in done.err
    assert works.house.domain(NAME).state is not DomainState.RUNNING
