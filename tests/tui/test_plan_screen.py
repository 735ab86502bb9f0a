"""The plan dialog at each of its levels, at the moment of yes, and in bad weather."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from core.operations.plan import Confirm, Outcome, Plan, StepKind
from core.outcome import Refused
from tests.tui.plans import PlanHost, make_plan, make_target, text_of
from tui.screens.plan import PlanScreen
from tui.widgets.lines import Lines

TWO = (make_target("compute-0-0-0"), make_target("compute-0-0-1"))


async def test_one_key_says_yes() -> None:
    app = PlanHost(make_plan(TWO[0], verb="pause", title="Pause compute-0-0-0", confirm=Confirm.KEY))
    async with app.run_test() as pilot:
        await pilot.press("y")
        assert app.decision.plan.targets == (TWO[0],)
        assert app.asked == [("pause", {})], "the plan was not made again at the moment of yes"


@pytest.mark.parametrize("key", ["enter", "space", "x", "1", "tab"])
async def test_enter_and_other_keys_are_not_yes(key: str) -> None:
    app = PlanHost(make_plan(*TWO))
    async with app.run_test() as pilot:
        await pilot.press(key)
        assert not app.answers
        assert isinstance(app.screen, PlanScreen)


async def test_enter_says_that_it_is_not_yes() -> None:
    app = PlanHost(make_plan(*TWO))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "Enter is not yes" in text_of(app)


@pytest.mark.parametrize("key", ["escape", "n", "q"])
async def test_leaving_does_nothing(key: str) -> None:
    app = PlanHost(make_plan(*TWO))
    async with app.run_test() as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app.answer is None
        assert app.asked == []


async def test_list_shows_targets_refusals_warnings_and_the_command() -> None:
    plan = make_plan(
        *TWO, refused=[("compute-0-0-2", "is already off")], warnings=["the guests lose what they have not written"]
    )
    app = PlanHost(plan, hidden=["compute-0-0-1"])
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        screen = text_of(app)
    assert "Stop 2 VMs on 1 container" in screen
    assert "compute-0-0-0  vm-container-0-0  power off" in screen
    assert "compute-0-0-2  is already off" in screen
    assert "! the guests lose what they have not written" in screen
    assert "1 of these marked but hidden by the filter: compute-0-0-1" in screen
    assert "vm-container-0-0 afterwards: memory 4 of 16 GB" in screen
    assert "quarry stop host vm compute-0-0-0 compute-0-0-1" in screen


async def test_phrase_must_be_typed_exactly() -> None:
    plan = make_plan(*TWO, verb="remove", title="Remove 2 VMs", confirm=Confirm.TYPED, phrase="remove 2")
    app = PlanHost(plan)
    async with app.run_test() as pilot:
        await pilot.press("y", "enter")
        assert not app.answers, "y is no answer where a phrase must be typed"
        await pilot.press("backspace", *"remove", "space", "3", "enter")
        await pilot.pause()
        assert not app.answers
        assert '"remove 3" is not "remove 2"; nothing was done' in text_of(app)
        await pilot.press("backspace", "2", "enter")
        await pilot.pause()
        assert app.decision.plan.targets == TWO


async def test_empty_phrase_is_no_answer() -> None:
    app = PlanHost(make_plan(*TWO, verb="remove", confirm=Confirm.TYPED, phrase="remove 2"))
    async with app.run_test() as pilot:
        await pilot.press("enter")
        assert not app.answers


async def test_what_changed_meanwhile_is_skipped_and_said() -> None:
    fresh = make_plan(make_target("compute-0-0-0"), make_target("compute-0-0-1", state="paused"))
    app = PlanHost(make_plan(*TWO), lambda verb, parameters: fresh)
    async with app.run_test() as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert [target.name for target in app.decision.plan.targets] == ["compute-0-0-0"]
        (skipped,) = app.decision.skipped
        assert skipped.outcome is Outcome.SKIPPED
        assert "was active when the plan was shown, is paused now" in skipped.detail


async def test_nothing_left_to_do_stays_open_and_says_why() -> None:
    app = PlanHost(make_plan(*TWO), lambda verb, parameters: Refused("vm-container-0-0 is down"))
    async with app.run_test() as pilot:
        await pilot.press("y")
        await pilot.pause()
        assert not app.answers
        assert "vm-container-0-0 is down" in text_of(app)
        await pilot.press("y")
        await pilot.pause()
        assert not app.answers, "an empty plan cannot be confirmed"
        await pilot.press("escape")
        await pilot.pause()
        assert app.answer is None


async def test_stop_offers_shut_down_which_needs_its_own_yes() -> None:
    def fresh(verb: str, parameters: Mapping[str, str]) -> Plan | Refused:
        if parameters.get("action") == "shutdown":
            gentle = make_target("compute-0-0-0", kind=StepKind.SHUTDOWN, sentence="ask the guest to shut down")
            return make_plan(gentle, title="Shut down compute-0-0-0", confirm=Confirm.KEY)
        return make_plan(*TWO)

    app = PlanHost(make_plan(*TWO), fresh)
    async with app.run_test() as pilot:
        await pilot.press("s")
        await pilot.pause()
        assert not app.answers
        assert "ask the guest to shut down" in text_of(app)
        await pilot.press("y")
        await pilot.pause()
        assert [step.kind for step in app.decision.plan.targets[0].steps] == [StepKind.SHUTDOWN]
        assert app.asked[-1] == ("stop", {"action": "shutdown"})


async def test_remove_offers_to_delete_the_images_too() -> None:
    def fresh(verb: str, parameters: Mapping[str, str]) -> Plan | Refused:
        words = "delete its image" if parameters.get("images") == "yes" else "forget it"
        target = make_target("compute-0-0-0", kind=StepKind.FORGET, sentence=words)
        return make_plan(target, verb="remove", title="Remove", confirm=Confirm.TYPED, phrase="compute-0-0-0")

    shown = fresh("remove", {})
    assert isinstance(shown, Plan)
    app = PlanHost(shown, fresh)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.press("i")
        assert app.asked == [], "in the field i is a letter"
        await pilot.press("backspace", "tab", "i")
        await pilot.pause()
        assert "delete its image" in text_of(app) and "Keep the images" in text_of(app)
        await pilot.press(*"compute-0-0-0", "enter")
        await pilot.pause()
        assert app.asked[-1] == ("remove", {"images": "yes"})
        assert [step.sentence for step in app.decision.plan.targets[0].steps] == ["delete its image"]


async def test_only_stop_has_other_actions() -> None:
    app = PlanHost(make_plan(*TWO, verb="save", title="Save 2 VMs", confirm=Confirm.KEY))
    async with app.run_test() as pilot:
        await pilot.press("s", "r", "b")
        await pilot.pause()
        assert app.asked == []


async def test_copying_puts_the_script_on_the_clipboard() -> None:
    app = PlanHost(make_plan(*TWO))
    async with app.run_test() as pilot:
        await pilot.press("Y")
        await pilot.pause()
        assert app.clipboard == "#!/bin/sh\n# Stop 2 VMs on 1 container\n"
        assert not app.answers


@pytest.mark.parametrize("size", [(80, 24), (40, 10), (20, 6)])
async def test_long_plans_scroll_at_any_size_and_the_keys_stay_in_view(size: tuple[int, int]) -> None:
    targets = [make_target(f"compute-0-0-{number}") for number in range(60)]
    app = PlanHost(make_plan(*targets, title="Stop 60 VMs", confirm=Confirm.LIST))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert "y" in text_of(app) and "Esc" in text_of(app)
        assert "compute-0-0-0" in text_of(app)
        await pilot.press("G")
        await pilot.pause()
        lines = app.screen.query_one(Lines)
        assert lines.scroll_offset.y > 0
        assert lines.virtual_size.width == lines.scrollable_content_region.width, "wrapped at another width"
        await pilot.press("y")
        await pilot.pause()
        assert len(app.decision.plan.targets) == 60


async def test_resize_in_mid_dialog_keeps_what_was_typed() -> None:
    app = PlanHost(make_plan(*TWO, verb="remove", title="Remove 2 VMs", confirm=Confirm.TYPED, phrase="remove 2"))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(*"remo")
        await pilot.resize_terminal(40, 10)
        await pilot.press(*"ve")
        await pilot.resize_terminal(90, 24)
        await pilot.press("space", "2", "enter")
        await pilot.pause()
        assert app.decision.plan.targets == TWO


async def test_hostile_names_are_text() -> None:
    name = "[red]evil[/] \x1b[31m\x07\u202e<b>&'\"; rm -rf /"
    app = PlanHost(make_plan(make_target(name), title=f"Stop {name}"))
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        screen = text_of(app)
        assert "[red]evil[/]" in screen
        assert "\x1b" not in screen and "\x07" not in screen and "\u202e" not in screen
        await pilot.press("y")
        await pilot.pause()
        assert app.decision.plan.targets[0].name == name


async def test_an_entry_of_the_keys_is_never_broken_at_the_end_of_a_line() -> None:
    app = PlanHost(make_plan(make_target("one")))
    async with app.run_test(size=(44, 24)) as pilot:
        await pilot.pause()
        await pilot.pause()
        lines = [line.strip("│ ") for line in text_of(app).splitlines()]
        for entry in ("y Power off", "Y Copy as script", "s Shut down", "r Reset", "b Reboot"):
            assert any(entry in line for line in lines), entry
