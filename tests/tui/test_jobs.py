"""The jobs view, the key for moving, and what is said of jobs that lost their worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from core.hypervisor.model import LinkState
from core.inventory.snapshot import VmKey
from core.operations.before_after import before_and_after
from core.operations.carrier import FileFacts, Ground
from core.operations.drain import DrainFound, plan_drain
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import Found, VmFound
from core.operations.plan import Plan
from core.outcome import Refused
from core.settings import Settings
from core.store.job_records import JobLine, JobState, StepState
from tests.builders import make_container, make_vm
from tests.tui.fleets import ScriptedFleet
from tests.tui.jobs import NOW, make_job, make_step
from tests.tui.patience import until
from tests.tui.screens import screen_text
from tui.app import QuarryApp
from tui.history import History
from tui.render.clock import Clock
from tui.render.glyphs import glyphs_for
from tui.screens.before_after import BeforeAfterScreen, picture_lines
from tui.screens.jobs import JobsScreen
from tui.screens.pick_container import PickContainerScreen, choices
from tui.screens.plan import PlanScreen
from tui.widgets.footer import ActionFooter
from tui.widgets.lines import Lines

CLOCK = Clock(NOW.timestamp, lambda: 1_000.0, UTC)
FIRST, SECOND, THIRD = "vm-container-0-0", "vm-container-1-0", "vm-container-2-0"


class MovingFleet(ScriptedFleet):
    """Plans moves as the real one, over containers that say the same of every file."""

    def plan(self, verb: str, targets: Sequence[VmKey], parameters: Mapping[str, str]) -> Plan | Refused:
        if verb not in ("move", "drain"):
            return super().plan(verb, targets, parameters)
        vms = {vm.key: vm for container in self.snapshot().containers for vm in container.vms}
        files = {
            key: {one.source: FileFacts(one.source, 36 * 10**9, 2 * 10**9, key.uuid) for one in vm.disks}
            for key, vm in vms.items()
        }
        looks = {key: VmFound(files[key], free_bytes=10**12) for key in vms}
        found = Found(looks, Ground("/state/partition1", 800 * 10**9))
        wishes = Wishes(at_once=int(parameters.get("parallel", "1")))
        if verb == "drain":
            others = [str(one.name) for one in self.snapshot().containers if one.name != parameters["host"]]
            return plan_drain(parameters["host"], self.snapshot(), DrainFound(dict.fromkeys(others, found)), wishes)
        return plan_move(targets, parameters["physhost"], self.snapshot(), found, wishes)


def fleet() -> MovingFleet:
    vms = [
        make_vm(f"compute-0-0-{at}", slice_no=at, uuid=f"{at}0000000-0000-0000-0000-000000000000") for at in range(2)
    ]
    return MovingFleet(
        make_container(FIRST, vms),
        make_container(SECOND, memory_gib=64, rack=1),
        make_container(THIRD, link=LinkState.DOWN, link_reason="connection refused", rack=2),
    )


def app_on(fleet: ScriptedFleet, folder: Path) -> QuarryApp:
    return QuarryApp(fleet, Settings(), clock=CLOCK, history=History(folder / "history"))


async def opened(pilot: Pilot[None], app: QuarryApp) -> JobsScreen:
    await pilot.press("J")
    await until(pilot, lambda: isinstance(app.screen, JobsScreen) and app.screen.chosen is not None)
    assert isinstance(app.screen, JobsScreen)
    return app.screen


async def test_the_footer_offers_what_can_be_done_to_the_job_under_the_cursor(tmp_path: Path) -> None:
    made = fleet()
    made.jobs.views = [
        make_job(41, "Move compute-0-0-2", JobState.RUNNING, make_step("copy hda", StepState.BEGUN)),
        make_job(40, "Stop 12 VMs", JobState.DONE),
        make_job(39, "Empty vm-container-0-1", JobState.FAILED, make_step("copy hda", StepState.FAILED)),
    ]
    app = app_on(made, tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        screen = await opened(pilot, app)
        offered = []
        for key in ("g", "j", "j"):
            await pilot.press(key)
            await pilot.pause()
            offered.append("".join(offer.key[0] for offer in screen.query_one(ActionFooter).offers.offers))
        assert offered == ["KE", "EA", "RBEA"]


async def test_an_empty_list_offers_nothing(tmp_path: Path) -> None:
    app = app_on(fleet(), tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await pilot.press("J")
        await until(pilot, lambda: "none yet" in screen_text(app))
        assert app.screen.query_one(ActionFooter).offers.offers == ()


async def test_the_view_shows_how_far_a_job_is(tmp_path: Path) -> None:
    made = fleet()
    steps = (
        make_step("save memory", StepState.DONE),
        make_step("copy hda", StepState.BEGUN, 1, done=7_100_000_000, total=10_000_000_000),
    )
    made.jobs.views = [
        make_job(41, "Move compute-0-0-2 to vm-container-1-0", JobState.RUNNING, *steps),
        make_job(40, "Stop 12 VMs", JobState.DONE),
        make_job(39, "Empty vm-container-0-1", JobState.PARTLY, detail="compute-0-1-3: No space left on device"),
    ]
    app = app_on(made, tmp_path)
    async with app.run_test(size=(160, 45)) as pilot:
        await opened(pilot, app)
        text = screen_text(app)
        assert "Jobs   3, 1 at work" in text
        assert "step 2 of 2" in text
        assert "copy hda: 7.1 GB of 10 GB, 412 MB/s, 7 s left" in text
        assert "No space left on device" in text
        assert "✔ save memory" in text


async def test_keys_act_on_the_job_under_the_cursor(tmp_path: Path) -> None:
    made = fleet()
    made.jobs.views = [make_job(41), make_job(40, "Stop 12 VMs", JobState.DONE)]
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("K")
        await until(pilot, lambda: made.jobs.asked == [("cancel", 41)])
        await pilot.press("j", "A")
        await until(pilot, lambda: made.jobs.asked[-1] == ("archive", 40))


async def test_the_cursor_stays_on_its_job_when_new_ones_come(tmp_path: Path) -> None:
    made = fleet()
    made.jobs.views = [make_job(41), make_job(40, "Stop 12 VMs", JobState.DONE)]
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, app)
        await pilot.press("j")
        await until(pilot, lambda: screen.chosen is not None and screen.chosen.record.id == 40)
        made.jobs.views = [make_job(42, "Save 9 VMs"), *made.jobs.views]
        screen.reload()
        await until(pilot, lambda: "Save 9 VMs" in screen_text(app))
        assert screen.chosen is not None and screen.chosen.record.id == 40


async def test_an_interrupted_job_is_told_at_the_start_and_resumed_or_rolled_back(tmp_path: Path) -> None:
    made = fleet()
    made.jobs.views = [make_job(41, interrupted=True)]
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: any("was interrupted" in one.message for one in app._notifications))
        await opened(pilot, app)
        assert "interrupted" in screen_text(app)
        await pilot.press("B")
        await until(pilot, lambda: made.jobs.asked == [("roll back", 41)])


async def test_a_refusal_is_said(tmp_path: Path) -> None:
    made = fleet()
    made.jobs.views = [make_job(40, "Stop 12 VMs", JobState.DONE)]
    made.jobs.refusal = "job 40 is over (done)"
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("R")
        await until(pilot, lambda: any("job 40 is over" in one.message for one in app._notifications))


async def test_enter_shows_what_a_job_said(tmp_path: Path) -> None:
    made = fleet()
    made.jobs.views = [make_job(41)]
    made.jobs.lines = [JobLine(1, datetime(2026, 5, 4, 12, 46, tzinfo=UTC), "Saving the VM's current state.")]
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("enter")
        await until(pilot, lambda: "Saving the VM's current state." in screen_text(app))


async def test_m_picks_a_container_then_shows_the_plan(tmp_path: Path) -> None:
    made = fleet()
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "compute-0-0-0" in screen_text(app))
        await pilot.press("j", "j", "m")
        await until(pilot, lambda: isinstance(app.screen, PickContainerScreen))
        text = screen_text(app)
        assert "Move compute-0-0-0 to…" in text and SECOND in text and "connection refused" in text
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, PlanScreen))
        text = screen_text(app)
        assert f"Move compute-0-0-0 to {SECOND}" in text
        assert "save, copy, restore" in text and "GB travel" in text
        await pilot.press("enter")
        assert isinstance(app.screen, PlanScreen), "Enter is never yes"


def test_containers_to_choose_from_are_the_roomiest_first() -> None:
    made = fleet()
    vms = [vm for container in made.snapshot().containers for vm in container.vms]
    found = choices(made.snapshot(), vms[:1])
    assert [(one.name, bool(one.why_not)) for one in found] == [(SECOND, False), (THIRD, True)]


async def test_the_filter_finds_what_the_last_job_left_undone(tmp_path: Path) -> None:
    made = fleet()
    made.desk.views = [make_job(41, "Move", JobState.FAILED, make_step("copy vda", StepState.FAILED))]
    names = ("compute-0-0-0", "compute-0-0-1")
    made.desk.views = [
        replace(view, targets=(tuple(replace(step, vm=name) for step in view.steps),))
        for view, name in zip(made.desk.views * 2, names, strict=True)
    ]
    made.desk.views[1] = replace(
        made.desk.views[1],
        targets=tuple((replace(one[0], state=StepState.DONE),) for one in made.desk.views[1].targets),
    )
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.main.fleet_tree.model.total == 2)
        app.main.tell("filter", "job:failed")
        await until(pilot, lambda: [vm.name for vm in app.main.fleet_tree.model.shown_vms()] == ["compute-0-0-0"])
        app.main.tell("filter", "job:done")
        await until(pilot, lambda: [vm.name for vm in app.main.fleet_tree.model.shown_vms()] == ["compute-0-0-1"])
        made.desk.views = []
        await until(pilot, lambda: app.main.fleet_tree.model.shown_vms() == [])


def said(app: QuarryApp) -> str:
    return screen_text(app).replace("\u00a0", " ")


async def planned(pilot: Pilot[None], app: QuarryApp) -> PlanScreen:
    await until(pilot, lambda: isinstance(app.screen, PlanScreen))
    assert isinstance(app.screen, PlanScreen)
    return app.screen


async def test_the_plan_of_moves_takes_another_container_and_more_at_a_time(tmp_path: Path) -> None:
    made = fleet()
    made.show(*made.snapshot().containers, make_container("vm-container-3-0", memory_gib=32, rack=3))
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.main.fleet_tree.model.total == 2)
        await pilot.press("j", "space", "m")
        await until(pilot, lambda: isinstance(app.screen, PickContainerScreen))
        await pilot.press("enter")
        dialog = await planned(pilot, app)
        assert dialog.plan.title == f"Move 2 VMs to {SECOND}"
        assert f"compute-0-0-0  {FIRST} → {SECOND}  save, copy, restore" in said(app)
        assert "One at a time: yes" in said(app) and "one after the other" in dialog.plan.afterwards[-1]
        await pilot.press("t")
        await until(pilot, lambda: dialog.plan.at_once == 4)
        assert "2 at a time" in dialog.plan.afterwards[-1]
        await until(pilot, lambda: "One at a time: no" in said(app))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, PickContainerScreen))
        await pilot.press("j", "enter")
        await until(pilot, lambda: dialog.plan.title == "Move 2 VMs to vm-container-3-0")
        assert dialog.plan.at_once == 4
        assert made.ran == []
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, PickContainerScreen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is dialog)
        assert dialog.plan.title == "Move 2 VMs to vm-container-3-0"
        await pilot.press("y")
        await until(pilot, lambda: len(made.ran) == 1)
        assert made.ran[0].at_once == 4


async def test_a_container_is_emptied_from_its_row_after_a_look_at_before_and_after(tmp_path: Path) -> None:
    made = fleet()
    app = app_on(made, tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.main.fleet_tree.model.total == 2)
        await pilot.press("j", "E")
        dialog = await planned(pilot, app)
        assert dialog.plan.confirm_phrase == "drain 2"
        await pilot.press("tab", "v")
        await until(pilot, lambda: isinstance(app.screen, BeforeAfterScreen) and "AFTERWARDS" in screen_text(app))
        rows = [line.text for line in app.screen.query_one("#pictures", Lines).lines]
        assert any(f"{FIRST}  no VMs" in row for row in rows)
        assert [row.split()[:3] for row in rows if row.startswith(">")] == [
            [">", "●", f"compute-0-0-{at}"] for at in range(2)
        ]
        assert sum("+ ● compute-0-0-" in row for row in rows) == 2
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is dialog)
        dialog.query_one("#phrase").focus()
        await pilot.press(*"drain", "space", "2", "enter")
        await until(pilot, lambda: len(made.ran) == 1)
        assert [one.name for one in made.ran[0].targets] == ["compute-0-0-0", "compute-0-0-1"]


def test_before_and_after_have_every_vm_once_and_fit_any_width() -> None:
    made = fleet()
    plan = made.plan("drain", [], {"host": FIRST})
    assert isinstance(plan, Plan)
    pictures = before_and_after(plan, made.snapshot())
    (first_now, first_then), (second_now, second_then) = pictures
    assert [one.vm.name for one in first_now.lodgers] == [one.vm.name for one in second_then.lodgers]
    assert (first_then.lodgers, second_now.lodgers) == ((), ())
    assert first_now.used_kib - first_then.used_kib == second_then.used_kib - second_now.used_kib > 0
    for width in (0, 20, 60, 76, 200):
        for ascii_only in (False, True):
            lines = picture_lines(pictures, width, glyphs_for(ascii_only))
            assert len(lines) == 1 + 2 * 2 + 2
            assert all(len(line.text) <= max(width, 80) for line in lines)
            assert not ascii_only or all(line.text.isascii() for line in lines)
