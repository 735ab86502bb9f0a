"""The README's picture: the main screen on the demo fleet at its frozen moment, written to ``docs/screenshot.svg``.

Run with ``QUARRY_SCREENSHOT=write`` to make it anew after a change of looks.
"""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path

from core.demo.fleet import DemoFleet
from core.settings import Settings
from tests.tui.fleets import ScriptedFleet
from tui.app import QuarryApp
from tui.history import History
from tui.render.clock import Clock

PICTURE = Path(__file__).parents[2] / "docs" / "screenshot.svg"
NOON = 1_772_366_400.0


async def test_the_picture_in_the_readme_is_what_the_screen_shows(tmp_path: Path) -> None:
    demo = DemoFleet(tmp_path, frozen=True)
    snapshot = demo.frozen_snapshot()
    demo.close()
    app = QuarryApp(
        ScriptedFleet.of(snapshot),
        Settings(),
        clock=Clock(lambda: NOON, lambda: 0.0, UTC),
        history=History(None),
    )
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause(0.2)
        vm = next(vm for vm in snapshot.containers[0].vms if vm.rates.cpu_history)
        app.main.fleet_tree.move_to(vm.key)
        await pilot.pause(0.6)
        picture = app.export_screenshot(title="quarry --demo")
    # The folder of the demo's files differs from run to run.
    picture = picture.replace(str(tmp_path), "/tmp/demo")
    if os.environ.get("QUARRY_SCREENSHOT") == "write":
        PICTURE.write_text(picture, encoding="utf-8")
    assert PICTURE.read_text(encoding="utf-8") == picture, "make it anew: QUARRY_SCREENSHOT=write pytest " + __file__
