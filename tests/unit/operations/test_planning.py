"""Plans: who is acted on, who is left out and why, how to ask, what is left afterwards."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.demo.synthetic import facts_of
from core.hypervisor.definition import DomainOptions, recipe
from core.hypervisor.model import ContainerName, DomainState, DomainUuid, LinkState
from core.inventory.snapshot import Drift, InventorySnapshot, Lock, VmKey
from core.operations.capabilities import VERBS, allowed
from core.operations.plan import Confirm, Plan, StepKind
from core.operations.planning import plan_action
from core.outcome import Allowed, Refused
from core.store.records import Scope
from tests.builders import make_container, make_snapshot, make_vm
from tests.unit.operations.house import CONTAINERS, FOLDER, House, minimal_definition

NAME = "compute-0-0-0"
ALL = [f"compute-0-{at}-{n}" for at in (0, 1) for n in range(3)]


def kinds(plan: Plan) -> list[list[StepKind]]:
    return [[step.kind for step in target.steps] for target in plan.targets]


def with_vm(house: House, **changes: object) -> InventorySnapshot:
    """The house's snapshot with its first VM changed."""
    snapshot = house.snapshot()
    first = snapshot.containers[0]
    vm = replace(first.vms[0], **changes)  # type: ignore[arg-type]
    return replace(snapshot, containers=(replace(first, vms=(vm, *first.vms[1:])), *snapshot.containers[1:]))


@pytest.mark.parametrize(
    ("verb", "parameters", "level", "phrase"),
    [
        ("pause", {}, Confirm.KEY, ""),
        ("save", {}, Confirm.KEY, ""),
        ("stop", {"action": "shutdown"}, Confirm.KEY, ""),
        ("stop", {"action": "reset"}, Confirm.LIST, ""),
        ("stop", {}, Confirm.LIST, ""),
    ],
)
def test_how_much_asking(house: House, verb: str, parameters: dict[str, str], level: Confirm, phrase: str) -> None:
    plan = house.plan(verb, NAME, **parameters)
    assert (plan.confirm, plan.confirm_phrase) == (level, phrase)


def test_stopping_on_two_containers_asks_for_the_number(house: House) -> None:
    plan = house.plan("stop", *ALL)
    assert (plan.confirm, plan.confirm_phrase, plan.title) == (
        Confirm.TYPED,
        "stop 6",
        "Stop 6 VMs on 2 containers",
    )


def test_stopping_more_than_ten_on_one_container_asks_for_the_number() -> None:
    vms = [make_vm(f"compute-0-0-{n}", slice_no=n) for n in range(11)]
    snapshot = make_snapshot([make_container(vms=vms)])
    ten = plan_action("stop", [one.key for one in vms[:10]], snapshot)
    eleven = plan_action("stop", [one.key for one in vms], snapshot)
    assert isinstance(ten, Plan) and ten.confirm is Confirm.LIST
    assert isinstance(eleven, Plan) and eleven.confirm_phrase == "stop 11"


def test_removing_asks_for_the_name(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    plan = house.plan("remove", NAME)
    assert (plan.confirm, plan.confirm_phrase) == (Confirm.TYPED, NAME)


def test_starting_asks_nothing(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    assert house.plan("start", NAME).confirm is Confirm.NONE


def test_changed_attributes_define_the_vm_anew_and_hand_work_stays_otherwise(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    made = with_vm(house, recipe=recipe(house.record(NAME), DomainOptions()))
    as_it_is = plan_action("start", [NAME], made)
    assert isinstance(as_it_is, Plan) and StepKind.DEFINE not in kinds(as_it_is)[0]
    with house.store.begin() as rows:
        node = rows.nodes.find(NAME)
        assert node is not None
        rows.attributes.set(Scope.HOST, node.id, "vm_kernel", "/boot/another")
    anew = plan_action("start", [NAME], with_vm(house, recipe=made.containers[0].vms[0].recipe))
    assert isinstance(anew, Plan) and StepKind.DEFINE in kinds(anew)[0]
    assert any("its attributes were changed" in warning for warning in anew.warnings)
    by_hand = plan_action("start", [NAME], with_vm(house, recipe=""))
    assert isinstance(by_hand, Plan) and StepKind.DEFINE not in kinds(by_hand)[0]


def test_some_can_and_some_cannot(house: House) -> None:
    house.container().suspend(house.record(NAME).uuid)
    plan = house.plan("pause", *ALL[:3], "no-such-vm")
    assert [one.name for one in plan.targets] == ALL[1:3]
    assert [(one.name, one.reason) for one in plan.refused] == [
        ("no-such-vm", "there is no VM of this name"),
        (NAME, "is paused already"),
    ]


def test_nobody_can_is_a_refusal_with_the_reason(house: House) -> None:
    assert house.refusal("resume", NAME) == f"{NAME} is running, not paused"


def test_names_are_found_whatever_their_case(house: House) -> None:
    assert house.plan("pause", NAME.upper()).targets[0].name == NAME


def test_a_target_named_twice_is_one_target(house: House) -> None:
    key = house.snapshot().containers[0].vms[0].key
    plan = plan_action("pause", [NAME, key, NAME], house.snapshot())
    assert isinstance(plan, Plan) and len(plan.targets) == 1


def test_a_key_that_is_gone_is_said_to_be_gone(house: House) -> None:
    key = VmKey(ContainerName(CONTAINERS[0]), DomainUuid("00000000-0000-0000-0000-000000000000"))
    plan = plan_action("pause", [key], house.snapshot())
    assert isinstance(plan, Refused) and "is gone since it was chosen" in plan.reason


@pytest.mark.parametrize(
    ("verb", "parameters", "part"),
    [
        ("explode", {}, '"explode" is no action'),
        ("stop", {"action": "gently"}, "poweroff, shutdown, reset, reboot"),
        ("stop", {"actoin": "reset"}, 'did you mean "action"?'),
        ("remove", {"images": "maybe"}, "yes or no"),
        ("save", {"file": "relative"}, "absolute path"),
        ("pause", {"file": "/x"}, 'pause has no parameter "file"'),
    ],
)
def test_mistakes_in_the_request(house: House, verb: str, parameters: dict[str, str], part: str) -> None:
    assert part in house.refusal(verb, NAME, **parameters)


def test_no_target_is_never_every_target(house: House) -> None:
    for verb in VERBS:
        plan = plan_action(verb, [], house.snapshot())
        assert isinstance(plan, Refused) and "at least one" in plan.reason


def test_one_file_is_for_one_vm(house: House) -> None:
    assert "only can specify one VM host" in house.refusal("save", *ALL[:2], file="/x/y")


def test_a_container_that_is_down_refuses_with_its_reason(house: House) -> None:
    plan = plan_action("pause", [NAME], house.snapshot(down=CONTAINERS[0]))
    assert isinstance(plan, Refused)
    assert "is on vm-container-0-0, which cannot be reached (connection refused)" in plan.reason


def test_rows_of_a_lost_container_can_be_removed_by_force(house: House) -> None:
    snapshot = house.snapshot(down=CONTAINERS[0])
    without = plan_action("remove", [NAME], snapshot)
    assert isinstance(without, Refused) and "force=yes" in without.reason
    plan = plan_action("remove", [NAME], snapshot, {"force": "yes", "images": "yes"})
    assert isinstance(plan, Plan) and kinds(plan) == [[StepKind.FORGET]]
    house.run(plan)
    with house.store.reading() as rows:
        assert rows.vms.find(NAME) is None


def test_a_locked_vm_says_who_holds_it(house: House) -> None:
    snapshot = with_vm(house, lock=Lock("bob", "move", 41))
    plan = plan_action("stop", [NAME], snapshot)
    assert isinstance(plan, Refused) and "held by bob (move, job 41)" in plan.reason


def test_a_vm_that_runs_elsewhere_is_not_started_here_but_stopped_there(house: House) -> None:
    record = house.record(NAME)
    house.container(0).vanish(record.uuid)
    house.container(1).appear(facts_of(record))
    home = VmKey(ContainerName(CONTAINERS[0]), record.uuid)
    start = plan_action("start", [home], house.snapshot())
    assert isinstance(start, Refused) and "on vm-container-0-1, not on vm-container-0-0" in start.reason
    stop = house.plan("stop", NAME)
    assert stop.targets[0].key.container == CONTAINERS[1]


def test_the_same_uuid_twice_is_never_started(house: House) -> None:
    record = house.record(NAME)
    house.container(0).destroy(record.uuid)
    house.container(1).appear(facts_of(record))
    assert "same UUID" in house.refusal("start", NAME)


def test_removing_the_second_copy_keeps_the_rows_and_images(house: House) -> None:
    record = house.record(NAME)
    house.container(1).appear(facts_of(record, DomainState.SHUT_OFF))
    copy = VmKey(ContainerName(CONTAINERS[1]), record.uuid)
    plan = plan_action("remove", [copy], house.snapshot(), {"images": "yes"})
    assert isinstance(plan, Plan) and kinds(plan) == [[StepKind.UNDEFINE]]


def test_an_image_another_vm_uses_stays(house: House) -> None:
    with house.store.begin() as rows:
        other = rows.vms.find("compute-0-0-1")
        assert other is not None
        disk = rows.vms.disks([other.id])[other.id][0]
        rows.vms.update_disk(disk.id, name=f"{NAME}.hda")
    house.container().destroy(house.record(NAME).uuid)
    plan = house.plan("remove", NAME, images="yes")
    assert StepKind.DELETE_IMAGE not in kinds(plan)[0]
    assert any("compute-0-0-1 uses it too" in one for one in plan.warnings)


def test_images_go_only_after_the_domain_and_rows_go_last(house: House) -> None:
    house.container().destroy(house.record(NAME).uuid)
    plan = house.plan("remove", NAME, images="yes")
    assert kinds(plan) == [[StepKind.UNDEFINE, StepKind.DELETE_IMAGE, StepKind.FORGET]]


def test_a_start_that_cannot_fit_is_refused_on_xen_and_warned_of_elsewhere() -> None:
    big = make_vm("big", state=DomainState.SHUT_OFF, memory_mib=20 * 1024)
    for driver, refused in (("xen", True), ("qemu", False)):
        container = make_container(vms=[big])
        assert container.host is not None
        host = replace(container.host, driver=driver, memory_kib=64 * 2**20, free_memory_kib=8 * 2**20)
        snapshot = make_snapshot([replace(container, host=host)])
        plan = plan_action("start", [big.key], snapshot, definition=minimal_definition)
        if refused:
            assert isinstance(plan, Refused) and "needs 20 GiB" in plan.reason and "8 GiB free" in plan.reason
        else:
            assert isinstance(plan, Plan) and any("may swap" in one for one in plan.warnings)


def test_memory_is_added_up_over_the_targets_of_one_container() -> None:
    vms = [make_vm(f"v{n}", slice_no=n, state=DomainState.SHUT_OFF, memory_mib=4096) for n in range(3)]
    container = make_container(vms=vms)
    assert container.host is not None
    host = replace(container.host, driver="xen", memory_kib=64 * 2**20, free_memory_kib=9 * 2**20)
    plan = plan_action(
        "start",
        [one.key for one in vms],
        make_snapshot([replace(container, host=host)]),
        definition=minimal_definition,
    )
    assert isinstance(plan, Plan)
    assert [one.name for one in plan.targets] == ["v0", "v1"]
    assert "needs 4 GiB, vm-container-0-0 has 1 GiB free" in plan.refused[0].reason


def test_what_is_left_afterwards(house: House) -> None:
    assert house.plan("stop", NAME).afterwards == ("vm-container-0-0 afterwards: memory 2.0 of 64 GiB",)


def test_the_saved_file_is_beside_the_vms_own_image(house: House) -> None:
    step = house.plan("save", NAME).targets[0].steps[0]
    assert step.arguments["path"] == f"{FOLDER}/{NAME}.saved"
    assert step.bytes_moved == 1024 * 2**20


def test_read_only_refuses_everything(house: House) -> None:
    for verb in VERBS:
        plan = plan_action(verb, [NAME], house.snapshot(), read_only=True)
        assert isinstance(plan, Refused) and "read-only" in plan.reason


def test_the_command_of_a_plan_is_a_line_for_quarry(house: House) -> None:
    assert house.plan("stop", NAME, action="reset").command == f"stop host vm {NAME} action=reset"
    assert house.plan("save", NAME, file="/a b").command == f"save host vm {NAME} file='/a b'"


def test_a_domain_whose_name_no_node_can_have_is_not_adopted(house: House) -> None:
    uuid = DomainUuid("00000000-0000-0000-0000-0000000000aa")
    house.container().appear(replace(facts_of(house.record(NAME)), uuid=uuid, name="[red]x[/] ; rm"))
    plan = plan_action("adopt", [VmKey(ContainerName(CONTAINERS[0]), uuid)], house.snapshot())
    assert isinstance(plan, Refused) and "rename" in plan.reason


@given(
    st.sampled_from(VERBS),
    st.sampled_from(list(DomainState)),
    st.sampled_from(list(Drift)),
    st.sampled_from(list(LinkState)),
    st.booleans(),
    st.booleans(),
)
def test_every_verdict_is_a_sentence_and_planning_agrees_with_it(
    verb: str, state: DomainState, drift: Drift, link: LinkState, in_store: bool, defined: bool
) -> None:
    vm = make_vm(state=state, drift=drift, in_store=in_store or not defined, defined=defined)
    container = replace(make_container(vms=[vm]), link=link)
    verdict = allowed(verb, vm, container)
    plan = plan_action(verb, [vm.key], make_snapshot([container]), definition=minimal_definition)
    if isinstance(verdict, Refused):
        assert len(verdict.reason) > 10
        assert isinstance(plan, Refused) and plan.reason == f"{vm.name} {verdict.reason}"
    else:
        assert isinstance(verdict, Allowed)
        assert link is LinkState.UP
        assert isinstance(plan, Plan) and plan.targets[0].steps


@given(st.sampled_from([one for one in VERBS if one != "adopt"]), st.sampled_from(list(DomainState)))
def test_nothing_is_done_to_a_vm_in_an_unknown_state(verb: str, state: DomainState) -> None:
    vm = make_vm(state=state)
    verdict = allowed(verb, vm, make_container(vms=[vm]))
    if state is DomainState.UNKNOWN:
        assert isinstance(verdict, Refused)


def test_a_crashed_vm_is_kept_until_somebody_stops_it() -> None:
    """libvirt calls it active, although it will never run again."""
    vm = make_vm(state=DomainState.CRASHED)
    start = allowed("start", vm, make_container(vms=[vm]))
    assert isinstance(start, Refused) and "stop it first" in start.reason
    assert isinstance(allowed("stop", vm, make_container(vms=[vm])), Allowed)


def test_the_test_drivers_free_memory_is_not_believed() -> None:
    vm = make_vm(state=DomainState.SHUT_OFF)
    container = make_container(vms=[vm], driver="test")
    assert container.host is not None
    bare = replace(container, host=replace(container.host, free_memory_kib=0))
    plan = plan_action("start", [vm.key], make_snapshot([bare]), definition=minimal_definition)
    assert isinstance(plan, Plan) and plan.warnings == ()


def test_a_clusters_frontend_goes_only_with_its_cluster(tmp_path: Path) -> None:
    house = House.build(tmp_path, DomainState.SHUT_OFF)
    with house.store.begin() as rows:
        frontend = rows.nodes.find("compute-0-0-1")
        assert frontend is not None
        rows.clusters.add("biology", frontend.id, 7)
    sentence = "is the frontend of a cluster: use `remove cluster compute-0-0-1`"
    assert sentence in house.refusal("remove", "compute-0-0-1")
    assert sentence in house.refusal("remove", "compute-0-0-1", force="yes")
    assert house.plan("remove", "compute-0-0-1", cluster="yes").targets
    assert house.plan("remove", "compute-0-0-0").targets
    house.store.close()
