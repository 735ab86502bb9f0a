"""Every performed action of the table, carried out. One method an action: ``view.help`` is `do_view_help`.

Pages are imported when they are first shown: the tree opens before, and most sessions never show most of them.
"""

from __future__ import annotations

import shlex
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from core.inventory.snapshot import VmKey
from tui.actions.action import Action, Context
from tui.actions.command_line import run_line, suggest
from tui.actions.forms import add_fields, add_lines, edit_fields, edit_lines
from tui.actions.lifecycle import READ_ONLY, Wish
from tui.actions.moves import drain, move, show_jobs
from tui.actions.offers import find_targets
from tui.background import in_background
from tui.screens.command import CommandScreen
from tui.screens.form import FormScreen
from tui.screens.output import OutputScreen
from tui.screens.page import Page
from tui.text import count
from tui.themes import next_theme
from tui.widgets.lines import Line

if TYPE_CHECKING:
    from tui.app import QuarryApp


class Performer:
    """What `QuarryApp.action_perform` hands an action to. Runs on the screen's thread, in a worker."""

    def __init__(self, app: QuarryApp) -> None:
        self._app = app

    async def perform(self, action: Action) -> None:
        """Carry an action out; in read-only mode one that changes something is refused with a sentence."""
        if action.writes and self._app.fleet.read_only:
            self._app.say(READ_ONLY, severity="warning")
        elif action.verb:
            await self._app.lifecycle.act(Wish(action.verb, self.targets(), {}, self.hidden()))
        else:
            await self.method(action.id)()

    def method(self, action_id: str) -> Callable[[], Awaitable[None]]:
        """The method of an action that is not a verb. Raises AttributeError for one the table should not have."""
        found: Callable[[], Awaitable[None]] = getattr(self, f"do_{action_id.replace('.', '_').replace('-', '_')}")
        return found

    def targets(self) -> list[VmKey]:
        """The marked VMs, else the cursor's; in the details page always the cursor's."""
        if self._app.context is Context.DETAILS:
            key = self._app.main.fleet_tree.cursor_key
            return [key] if isinstance(key, VmKey) else []
        return self._app.main.fleet_tree.targets()

    def hidden(self) -> Sequence[str]:
        """Names of targets that the filter keeps out of sight."""
        return self._app.main.fleet_tree.hidden_marks()

    async def do_vm_repeat(self) -> None:
        """``.``"""
        await self._app.lifecycle.repeat(self.targets(), self.hidden())

    async def do_vm_stop_hint(self) -> None:
        """``D``: virsh's fingers mean destroy."""
        key = self._app.keymap.shown("vm.stop")
        self._app.say(f"{self._app.keymap.shown('vm.stop-hint')} is left free on purpose: use {key} to power off.")

    async def do_vm_console(self) -> None:
        """The targets' consoles; with nothing targeted that of the cursor's container."""
        await self._app.consoles.open(self._console_names())

    async def do_vm_watch(self) -> None:
        """Boot watch of the targets, on and off."""
        await self._app.consoles.watch(self._console_names())

    async def do_view_consoles(self) -> None:
        """Back to the open consoles."""
        await self._app.consoles.back()

    async def do_vm_add(self) -> None:
        """The form for new VMs, then its lines one after the other."""
        container = self._app.main.fleet_tree.cursor_container() or ""
        form = FormScreen("Add VMs", add_fields(container), add_lines, "Add")
        await self._run_form(form)

    async def do_vm_edit(self) -> None:
        """The form of one VM's record."""
        found = find_targets(self._app.fleet.snapshot(), self.targets())
        if len(found) != 1 or found[0][0].record is None:
            self._app.say("Edit takes one VM that is in the store.", severity="warning")
            return
        record = found[0][0].record
        form = FormScreen(f"Edit {record.name}", edit_fields(record), partial(edit_lines, record), "Change")
        await self._run_form(form)

    async def do_vm_install(self) -> None:
        """`create host vm` of the targets, as a job; its question shows the plan."""
        names = [vm.name for vm, _ in find_targets(self._app.fleet.snapshot(), self.targets())]
        if not names:
            self._app.say("No VM here to install.", severity="warning")
            return
        await run_line(self._app, f"create host vm {shlex.join(names)} wait=no")

    async def do_vm_copy_name(self) -> None:
        """The targets' names, space separated."""
        names = [vm.name for vm, _ in find_targets(self._app.fleet.snapshot(), self.targets())]
        if names:
            self._app.copy_to_clipboard(" ".join(names))
            self._app.say(f"copied {names[0] if len(names) == 1 else count(len(names), 'name')}")
        else:
            self._app.say("No VM here to copy the name of.", severity="warning")

    async def do_vm_copy_script(self) -> None:
        """The last plan as a shell script."""
        plan = self._app.lifecycle.last_plan
        if plan is None:
            self._app.say("No plan was made yet.", severity="warning")
        else:
            self._app.copy_to_clipboard(self._app.fleet.script(plan))
            self._app.say(f'copied "{plan.title}" as a shell script')

    async def do_vm_partitions(self) -> None:
        """The partition editor on the cursor's VM or container."""
        from tui.actions.partitioning import edit_node

        await edit_node(self._app)

    async def do_view_preview(self) -> None:
        """The fleet preview."""
        from tui.actions.preview import open_preview

        await open_preview(self._app)

    async def do_view_command(self) -> None:
        """The command bar."""
        bar = CommandScreen(partial(suggest, self._app), self._app.history)
        line = await self._app.ask(bar)
        if line:
            await run_line(self._app, line)

    async def do_view_help(self) -> None:
        """Help for the view it is asked in."""
        from tui.screens.help import HelpScreen

        self._app.push_screen(HelpScreen(self._app.context, self._app.keymap, read_only=self._app.fleet.read_only))

    async def do_view_log(self) -> None:
        """The action log."""
        from tui.screens.log import LogScreen

        fleet = self._app.fleet
        self._app.show_page(LogScreen(lambda limit: in_background(partial(fleet.log, limit), "log")), "view.log")

    async def do_view_notices(self) -> None:
        """What the corner of the screen said."""
        self._app.push_screen(OutputScreen("Notices", self._app.notices.lines() or [Line("None so far.")]))

    async def do_vm_move(self) -> None:
        """To a container chosen from a list."""
        await move(self._app)

    async def do_vm_drain(self) -> None:
        """The cursor's container."""
        await drain(self._app)

    async def do_view_jobs(self) -> None:
        """Long operations."""
        show_jobs(self._app)

    async def do_view_hosts(self) -> None:
        """The containers' connections."""
        from tui.screens.hosts import HostsScreen

        fleet = self._app.fleet

        async def round_trip(name: str) -> float:
            return await in_background(partial(fleet.round_trip_s, name), f"ping {name}")

        self._app.show_page(HostsScreen(fleet.snapshot, round_trip, fleet.refresh_now, self._app.clock), "view.hosts")

    async def do_view_theme(self) -> None:
        """The next theme."""
        self._app.theme = next_theme(self._app.theme)
        self._app.say(f"theme {self._app.theme}")

    async def do_view_last(self) -> None:
        """To the view before this one, and back."""
        if isinstance(self._app.screen, Page):
            self._app.pop_screen()
        elif self._app.last_page:
            await self.method(self._app.last_page)()

    async def do_view_refresh(self) -> None:
        """List everything again, retry what is down."""
        await in_background(self._app.fleet.refresh_now, "refresh")
        self._app.say("asked every container again")

    async def do_view_escape(self) -> None:
        """Peel one layer; where there is none, the newest notice."""
        if self._app.screen is not self._app.main:
            self._app.pop_screen()
        elif not self._app.main.peel():
            self._app.dismiss_notice()

    async def do_app_quit(self) -> None:
        """Back; at the tree leave, at the second asking when something still runs."""
        if self._app.screen is not self._app.main:
            self._app.pop_screen()
        elif self._app.lifecycle.runs and not self._app.asked_to_quit:
            self._app.asked_to_quit = True
            left = count(len(self._app.lifecycle.runs), "action still runs", "actions still run")
            self._app.say(f"{left}; q again leaves, and VMs not reached by then stay as they are", severity="warning")
        else:
            self._app.exit()

    async def do_app_quit_now(self) -> None:
        """Leave at once."""
        self._app.exit()

    async def do_app_no_interrupt(self) -> None:
        """Ctrl-C."""
        keys = self._app.keymap
        self._app.say(f"{keys.shown('app.quit')} leaves, {keys.shown('app.quit-now')} leaves at once")

    async def do_app_redraw(self) -> None:
        """Paint everything again."""
        self._app.refresh(layout=True)

    def _console_names(self) -> list[str]:
        names = [vm.name for vm, _ in find_targets(self._app.fleet.snapshot(), self.targets())]
        container = self._app.main.fleet_tree.cursor_container()
        return names or ([container] if container is not None else [])

    async def _run_form(self, form: FormScreen) -> None:
        lines = await self._app.ask(form)
        if lines:
            await run_line(self._app, *lines)
