"""Jobs and moves from the screen: the container picker before the plan, jobs without a worker, the jobs view."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.errors import QuarryError
from tui.actions.lifecycle import Wish
from tui.actions.offers import find_targets
from tui.background import in_background
from tui.screens.jobs import JobsScreen
from tui.screens.pick_container import PickContainerScreen, choices
from tui.text import count

if TYPE_CHECKING:
    from tui.app import QuarryApp


async def move(app: QuarryApp) -> None:
    """Ask where to, then plan, ask and run as every other action."""
    keys = app.performer.targets()
    vms = [vm for vm, _ in find_targets(app.fleet.snapshot(), keys)]
    if not vms:
        app.say("No VM here: move to one, or mark some with Space.", severity="warning")
        return
    found = choices(app.fleet.snapshot(), vms)
    if not found:
        app.say("There is no other container to move to.", severity="warning")
        return
    what = vms[0].name if len(vms) == 1 else count(len(vms), "VM")
    name = await app.ask(PickContainerScreen(f"Move {what} to…", found))
    if name is not None:
        await app.lifecycle.act(Wish("move", keys, {"physhost": name}, app.performer.hidden()))


def show_jobs(app: QuarryApp) -> None:
    """The jobs view."""
    screen = JobsScreen(app.fleet.desk, app.clock, ascii_only=app.settings.tui.ascii, read_only=app.fleet.read_only)
    app.show_page(screen, "view.jobs")


async def tell_interrupted(app: QuarryApp) -> None:
    """Say which jobs have lost their worker; a store that fails now says so elsewhere."""
    try:
        views = await in_background(partial(app.fleet.desk.jobs), "jobs")
    except QuarryError:
        return
    gone = [one for one in views if one.interrupted]
    if gone:
        first = f"job {gone[0].record.id}, {gone[0].record.title}" if len(gone) == 1 else count(len(gone), "job")
        verb = "was" if len(gone) == 1 else "were"
        key = app.keymap.shown("view.jobs")
        app.say(f"{first} {verb} interrupted: {key} to resume or roll back", severity="warning")
