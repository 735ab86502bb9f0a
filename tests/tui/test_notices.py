"""Notices are short in the corner, whole on a key, and Escape takes the newest away when nothing else wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.settings import Settings
from tests.tui.fleets import ScriptedFleet
from tests.tui.plans import text_of
from tui.app import QuarryApp
from tui.history import History
from tui.notices import KEPT, Notice, Notices, in_corner
from tui.render.text import cells, wrap
from tui.screens.output import OutputScreen

LONG = "3 VMs of vm-container-0-0 cannot be moved: " + "; ".join(
    f"compute-0-0-{at} is not in the store: adopt it first with `adopt host vm compute-0-0-{at}`" for at in range(3)
)


def make_app() -> QuarryApp:
    return QuarryApp(ScriptedFleet(), Settings(), history=History(None))


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Z"]) | st.just(" "), max_size=600))
def test_a_notice_never_takes_more_than_a_few_lines(text: str) -> None:
    shown = in_corner(text, "!")
    assert len(wrap(shown, 57)) <= 3
    assert shown == text or shown.endswith("…  (! shows all)")


def test_a_short_notice_is_shown_as_it_is_and_a_long_one_begins_so() -> None:
    assert in_corner("theme dark", "!") == "theme dark"
    shown = in_corner(LONG, "!")
    assert shown.startswith("3 VMs of vm-container-0-0 cannot be moved: compute-0-0-0 is not in the store")
    assert cells(shown) < 170


def test_only_the_newest_notices_are_kept() -> None:
    notices = Notices()
    for number in range(KEPT + 5):
        notices.keep(Notice("12:00", f"notice {number}", "information"))
    lines = [line.text for line in notices.lines()]
    assert lines[0] == f"12:00  notice {KEPT + 4}" and len(lines) == KEPT


async def test_a_long_refusal_leaves_the_tree_in_sight_and_is_read_in_full_by_its_key() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.say(LONG, severity="warning")
        await pilot.pause()
        assert "(! shows all)" in text_of(app) and "compute-0-0-2`" not in text_of(app)
        await pilot.press("exclamation_mark")
        await pilot.pause()
        assert isinstance(app.screen, OutputScreen)
        await pilot.pause()
        assert "compute-0-0-2`" in " ".join(text_of(app).replace("│", " ").split())


async def test_without_notices_the_key_says_so() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("exclamation_mark")
        await pilot.pause()
        assert "None so far." in text_of(app)


@pytest.mark.parametrize("layer", ["", "filter", "mark"])
async def test_escape_takes_the_newest_notice_once_nothing_else_wants_it(layer: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        if layer == "filter":
            await pilot.press("slash", *"running", "enter")
        if layer == "mark":
            await pilot.press("G", "space")
        app.say("the older notice")
        app.say("the newer notice")
        await pilot.pause()
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert ("the newer notice" in text_of(app)) == bool(layer)
        if layer:
            await pilot.press("escape")
            await app.workers.wait_for_complete()
            await pilot.pause()
        assert "the newer notice" not in text_of(app)
        assert "the older notice" in text_of(app)
