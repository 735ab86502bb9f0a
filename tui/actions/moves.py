"""Jobs and moves from the screen: containers chosen or emptied, jobs without a worker, the jobs view."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from core.errors import QuarryError
from tui.actions.lifecycle import Wish
from tui.actions.picking import pick_container
from tui.background import in_background
from tui.text import count

if TYPE_CHECKING:
    from tui.app import QuarryApp


async def move(app: QuarryApp) -> None:
    """Ask where to, then plan, ask and run as every other action."""
    keys = app.performer.targets()
    name = await pick_container(app, app.fleet, keys)
    if name is not None:
        await app.lifecycle.act(Wish("move", keys, {"physhost": name}, app.performer.hidden()))


async def drain(app: QuarryApp) -> None:
    """Plan the moves that empty the cursor's container, show it before and after, ask and run."""
    name = app.main.fleet_tree.cursor_container()
    if name is None:
        app.say("No container here: move to one.", severity="warning")
        return
    await app.lifecycle.act(Wish("drain", (), {"host": name}))


def show_jobs(app: QuarryApp) -> None:
    """The jobs view."""
    from tui.screens.jobs import JobsScreen

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
