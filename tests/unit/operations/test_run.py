"""Running plans: the right calls in a safe order, re-checked, each VM on its own, everything in the log."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import replace

import pytest

from core.demo.synthetic import facts_of
from core.errors import ContainerUnreachable, HypervisorError
from core.hypervisor.model import ContainerName, DomainState, DomainUuid, EventKind
from core.operations.plan import Outcome, Plan
from core.operations.planning import plan_action
from core.operations.run import Progress, run_plan
from core.store.records import Scope
from tests.unit.operations.house import CONTAINERS, FOLDER, House

NAME = "compute-0-0-0"
OTHER = DomainUuid("00000000-0000-0000-0000-0000000000aa")
FILE = f"{FOLDER}/{NAME}.saved"


def attribute(house: House, name: str) -> str | None:
    with house.store.reading() as rows:
        node = rows.nodes.find(NAME)
        return None if node is None else rows.attributes.find(Scope.HOST, node.id, name)


def test_stop_is_done_and_logged(house: House) -> None:
    results = house.run(house.plan("stop", NAME))
    assert [(one.name, one.outcome) for one in results] == [(NAME, Outcome.DONE)]
    assert house.domain(NAME).state is DomainState.SHUT_OFF
    with house.store.reading() as rows:
        entry = rows.log.recent(1)[0]
    assert (entry.who, entry.what, entry.target, entry.result) == ("ann", f"stop host vm {NAME}", NAME, "ok")


def test_the_log_line_of_a_shutdown_is_a_command(house: House) -> None:
    house.run(house.plan("stop", NAME, action="shutdown"))
    with house.store.reading() as rows:
        assert rows.log.recent(1)[0].what == f"stop host vm {NAME} action=shutdown"


def test_start_makes_missing_images_defines_and_boots(house: House) -> None:
    uuid = house.record(NAME).uuid
    house.container().destroy(uuid)
    house.container().undefine(uuid)
    house.container().calls.clear()
    results = house.run(house.plan("start", NAME))
    assert results[0].outcome is Outcome.DONE
    assert house.container().images == {f"{FOLDER}/{NAME}.hda": 36 * 10**9}
    assert house.domain(NAME).state is DomainState.RUNNING
    calls = [one for one in house.container().calls if one in ("create_image", "define", "start")]
    assert calls == ["create_image", "define", "start"]


def test_a_domain_that_agrees_with_its_record_is_booted_as_it_is(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    house.run(house.plan("start", NAME))
    assert "define" not in house.container().calls


def test_new_memory_in_the_store_comes_with_the_next_start(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    with house.store.begin() as rows:
        vm = rows.vms.find(NAME)
        assert vm is not None
        rows.vms.update(vm.id, mem=2048)
    plan = house.plan("start", NAME)
    assert any("memory 1 GiB becomes 2 GiB" in one for one in plan.warnings)
    house.run(plan)
    assert house.domain(NAME).max_memory_kib == 2048 * 1024


def test_a_vm_that_changed_since_the_plan_is_skipped_and_said_so(house: House) -> None:
    plan = house.plan("stop", NAME, "compute-0-0-1")
    house.container().suspend(house.record(NAME).uuid)
    first, second = house.run(plan)
    assert first.outcome is Outcome.SKIPPED
    assert "changed from active to paused" in first.detail
    assert second.outcome is Outcome.DONE
    assert house.domain(NAME).state is DomainState.PAUSED


def test_a_vm_that_vanished_is_skipped(house: House) -> None:
    plan = house.plan("stop", NAME)
    house.container().vanish(house.record(NAME).uuid)
    assert house.run(plan)[0].outcome is Outcome.SKIPPED


def test_one_failure_stops_nobody_else(house: House) -> None:
    plan = house.plan("pause", *(f"compute-0-{at}-{n}" for at in (0, 1) for n in range(3)))
    house.container(0).failures["suspend"] = HypervisorError(
        CONTAINERS[0], "could not pause", "internal error", "look at its log"
    )
    results = house.run(plan)
    assert [one.outcome for one in results] == [Outcome.FAILED] * 3 + [Outcome.DONE] * 3
    assert results[0].detail == "could not pause: internal error (look at its log)"


def test_a_container_without_connection_fails_its_vms_only(house: House) -> None:
    plan = house.plan("pause", NAME, "compute-0-1-0")
    del house.hypervisors[ContainerName(CONTAINERS[0])]
    first, second = house.run(plan)
    assert (first.outcome, second.outcome) == (Outcome.FAILED, Outcome.DONE)
    assert CONTAINERS[0] in first.detail


def test_containers_work_side_by_side(house: House) -> None:
    for at in (0, 1):
        house.container(at).delay_s = 0.1
    plan = house.plan("pause", *(f"compute-0-{at}-{n}" for at in (0, 1) for n in range(3)))
    began = time.monotonic()
    assert all(one.outcome is Outcome.DONE for one in house.run(plan))
    assert time.monotonic() - began < 6 * 2 * 0.1


def test_what_is_not_begun_when_cancelled_is_skipped(house: House) -> None:
    plan = house.plan("pause", NAME, "compute-0-0-1")
    results = run_plan(plan, house.hypervisors, house.store, "ann", cancelled=lambda: True)
    assert {one.outcome for one in results} == {Outcome.SKIPPED}
    assert house.domain(NAME).state is DomainState.RUNNING


def test_progress_is_told_step_by_step(house: House) -> None:
    told: list[Progress] = []
    plan = house.plan("pause", NAME, "compute-0-0-1")
    run_plan(plan, house.hypervisors, house.store, "ann", report=told.append)
    assert [one.sentence for one in told].count("pause") == 2
    assert [one.finished for one in told if one.result] == [1, 2]


def test_vms_are_locked_while_they_are_worked_on_and_free_after(house: House) -> None:
    plan = house.plan("pause", NAME)
    house.container().hang()
    runner = threading.Thread(target=house.run, args=(plan,))
    runner.start()
    end = time.monotonic() + 3
    held: list[str] = []
    while not held and time.monotonic() < end:
        with house.store.reading() as rows:
            held = [one.name for one in rows.locks.all()]
        time.sleep(0.01)
    house.container().unhang()
    runner.join(5)
    assert held == [NAME]
    with house.store.reading() as rows:
        assert rows.locks.all() == []


def test_a_vm_somebody_else_holds_is_left_alone(house: House) -> None:
    plan = house.plan("pause", NAME, "compute-0-0-1")
    with house.store.begin() as rows:
        vm = rows.vms.find(NAME)
        assert vm is not None
        rows.locks.take(vm.node, owner="bob", reason="move", pid=1, host="elsewhere")
    first, second = house.run(plan)
    assert (first.outcome, second.outcome) == (Outcome.SKIPPED, Outcome.DONE)
    assert "bob" in first.detail
    with house.store.reading() as rows:
        assert [one.owner for one in rows.locks.all()] == ["bob"]


def test_the_lock_of_a_process_that_died_here_is_taken_over(house: House) -> None:
    with house.store.begin() as rows:
        vm = rows.vms.find(NAME)
        assert vm is not None
        rows.locks.take(vm.node, owner="bob", reason="stop", pid=2**22 + 5, host=socket.gethostname())
    assert house.snapshot().by_name()[NAME].lock is None
    assert house.run(house.plan("pause", NAME))[0].outcome is Outcome.DONE


def test_save_writes_one_file_per_vm_and_remembers_it(house: House) -> None:
    results = house.run(house.plan("save", NAME, "compute-0-0-1"))
    assert {one.outcome for one in results} == {Outcome.DONE}
    assert set(house.container().saved) == {FILE, f"{FOLDER}/compute-0-0-1.saved"}
    assert attribute(house, "saved_file") == FILE
    assert house.snapshot().by_name()[NAME].state is DomainState.SAVED


def test_restore_once_the_file_is_used_up(house: House) -> None:
    house.run(house.plan("save", NAME))
    assert house.run(house.plan("restore", NAME))[0].outcome is Outcome.DONE
    assert house.domain(NAME).state is DomainState.RUNNING
    assert house.container().saved == {}
    assert attribute(house, "saved_file") is None
    house.container().destroy(house.record(NAME).uuid)
    assert "nothing is known to be saved" in house.refusal("restore", NAME)


def test_a_failed_save_leaves_a_running_vm_and_no_mark(house: House) -> None:
    plan = house.plan("save", NAME)
    house.container().failures["save"] = HypervisorError(CONTAINERS[0], "could not save", "No space left on device")
    assert house.run(plan)[0].outcome is Outcome.FAILED
    assert attribute(house, "saved_file") is None
    assert house.domain(NAME).state is DomainState.RUNNING


def test_a_restore_whose_end_nobody_saw_is_not_repeated_unasked(house: House) -> None:
    house.run(house.plan("save", NAME))
    plan = house.plan("restore", NAME)
    house.container().failures["restore"] = ContainerUnreachable(CONTAINERS[0], "lost the connection")
    assert house.run(plan)[0].outcome is Outcome.FAILED
    del house.container().failures["restore"]
    second = house.run(house.plan("restore", NAME))[0]
    assert second.outcome is Outcome.FAILED and "disks may be newer" in second.detail
    assert house.run(house.plan("restore", NAME, file=FILE))[0].outcome is Outcome.DONE


def test_a_restore_that_failed_for_certain_can_be_repeated(house: House) -> None:
    house.run(house.plan("save", NAME))
    plan = house.plan("restore", NAME)
    house.container().failures["restore"] = HypervisorError(CONTAINERS[0], "could not restore", "out of memory")
    house.run(plan)
    del house.container().failures["restore"]
    assert house.run(house.plan("restore", NAME))[0].outcome is Outcome.DONE


def test_start_with_discard_throws_saved_memory_away(house: House) -> None:
    house.run(house.plan("save", NAME))
    assert "discard=yes" in house.refusal("start", NAME)
    assert house.run(house.plan("start", NAME, discard="yes"))[0].outcome is Outcome.DONE
    assert house.container().saved == {} and attribute(house, "saved_file") is None


def test_stopping_a_vm_that_was_started_behind_our_back_drops_its_outdated_memory(house: House) -> None:
    house.run(house.plan("save", NAME))
    house.container().start(house.record(NAME).uuid)
    house.run(house.plan("stop", NAME))
    assert house.container().saved == {}
    assert house.snapshot().by_name()[NAME].state is DomainState.SHUT_OFF


def test_remove_undefines_then_forgets_and_keeps_images(house: House) -> None:
    house.container().images[f"{FOLDER}/{NAME}.hda"] = 1
    house.container().destroy(house.record(NAME).uuid)
    plan = house.plan("remove", NAME)
    assert any("images stay" in one for one in plan.warnings)
    assert house.run(plan)[0].outcome is Outcome.DONE
    assert house.container().images
    with house.store.reading() as rows:
        assert rows.vms.find(NAME) is None
        assert rows.nodes.find(NAME) is not None


def test_remove_with_images_and_node(house: House) -> None:
    house.container().images[f"{FOLDER}/{NAME}.hda"] = 1
    house.container().destroy(house.record(NAME).uuid)
    house.run(house.plan("remove", NAME, images="yes", node="yes"))
    assert house.container().images == {}
    with house.store.reading() as rows:
        assert rows.nodes.find(NAME) is None


def test_images_and_rows_stay_when_undefining_fails(house: House) -> None:
    house.container().images[f"{FOLDER}/{NAME}.hda"] = 1
    house.container().destroy(house.record(NAME).uuid)
    plan = house.plan("remove", NAME, images="yes")
    house.container().failures["undefine"] = HypervisorError(CONTAINERS[0], "could not undefine", "internal error")
    assert house.run(plan)[0].outcome is Outcome.FAILED
    assert house.container().images
    with house.store.reading() as rows:
        assert rows.vms.find(NAME) is not None


def test_rows_stay_when_an_image_cannot_be_deleted_and_the_second_try_finishes(house: House) -> None:
    house.container().images[f"{FOLDER}/{NAME}.hda"] = 1
    house.container().destroy(house.record(NAME).uuid)
    plan = house.plan("remove", NAME, images="yes")
    house.container().failures["delete_image"] = HypervisorError(CONTAINERS[0], "could not delete", "busy")
    assert house.run(plan)[0].outcome is Outcome.FAILED
    del house.container().failures["delete_image"]
    assert house.run(house.plan("remove", NAME, images="yes"))[0].outcome is Outcome.DONE
    assert house.container().images == {}


def test_adopt_writes_rows_that_agree_with_the_domain(house: House) -> None:
    stranger = replace(
        facts_of(house.record(NAME)),
        uuid=OTHER,
        name="test-guest",
        interfaces=(),
        disks=(),
    )
    house.container().appear(stranger)
    assert house.run(house.plan("adopt", "test-guest"))[0].outcome is Outcome.DONE
    row = house.snapshot().by_name()["test-guest"]
    assert row.record is not None and row.record.slice_no == 3 and row.record.membership == "Compute"
    assert row.drift.value == ""


def test_an_adopted_domain_of_xen_is_of_the_kind_it_runs_as(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = {"a-para": "<os><type machine='xenpv'>linux</type></os>", "an-hvm": "<os><type>hvm</type></os>"}
    for number, (name, machine) in enumerate(kinds.items()):
        uuid = DomainUuid(f"{OTHER[:-1]}{number}")
        house.container().appear(replace(facts_of(house.record(NAME)), uuid=uuid, name=name, interfaces=(), disks=()))
        monkeypatch.setattr(house.container(), "domain_xml", lambda _, machine=machine: f"<domain>{machine}</domain>")
        assert house.run(house.plan("adopt", name))[0].outcome is Outcome.DONE
    assert house.record("a-para").virt_type == "para"
    assert house.record("an-hvm").virt_type == "hvm"


def test_adopting_a_domain_of_a_configured_name_links_the_two(house: House) -> None:
    record = house.record(NAME)
    house.container().vanish(record.uuid)
    stranger = replace(facts_of(record), uuid=OTHER)
    house.container().appear(stranger)
    assert "adopt that one" in house.refusal("start", NAME)
    key = next(row.key for row in house.snapshot().containers[0].vms if row.record is None)
    plan = plan_action("adopt", [key], house.snapshot())
    assert isinstance(plan, Plan)
    assert house.run(plan)[0].outcome is Outcome.DONE
    assert house.record(NAME).uuid == stranger.uuid


def test_a_name_of_a_container_cannot_be_adopted(house: House) -> None:
    stranger = replace(
        facts_of(house.record(NAME)),
        uuid=OTHER,
        name=CONTAINERS[1],
    )
    house.container().appear(stranger)
    result = house.run(house.plan("adopt", CONTAINERS[1]))[0]
    assert result.outcome is Outcome.FAILED and "container of this name" in result.detail


@pytest.mark.parametrize("verb", ["pause", "reset", "reboot", "shutdown"])
def test_verbs_of_one_call(house: House, verb: str) -> None:
    assert house.run(house.plan(verb, NAME))[0].outcome is Outcome.DONE
    expected = {"pause": DomainState.PAUSED, "shutdown": DomainState.SHUT_OFF}.get(verb, DomainState.RUNNING)
    assert house.domain(NAME).state is expected


def test_resume(house: House) -> None:
    house.container().change(house.record(NAME).uuid, EventKind.SUSPENDED, state=DomainState.PAUSED)
    assert house.run(house.plan("resume", NAME))[0].outcome is Outcome.DONE
    assert house.domain(NAME).state is DomainState.RUNNING
