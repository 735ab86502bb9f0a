"""What shows something or goes somewhere, and changes no text."""

from __future__ import annotations

from functools import partial

from core.outcome import Refused
from partition_editor.scopes import NodeCase
from tui.render.lines import Role
from tui.screens.command import CommandScreen
from tui.screens.help import HelpScreen
from tui.screens.output import OutputScreen
from tui.screens.partitioning.commands import run_line, suggest
from tui.screens.partitioning.deeds.desk import Desk
from tui.screens.partitioning.explain import explanation
from tui.screens.partitioning.releases import ReleasesScreen
from tui.widgets.partitioning.rows import View


class Looking(Desk):
    """What shows something or goes somewhere, and changes no text."""

    async def do_explain(self) -> None:
        """All about what the cursor is on."""
        row = self._screen.row
        if row is not None:
            title, lines = explanation(row, self.picture)
            await self.ask(OutputScreen(title, lines))

    async def do_releases(self) -> None:
        """The same text everywhere; the chosen profile becomes this session's."""
        session = self._screen.session
        if not session.disks:
            self._screen.say("Planning needs drives: :disks hda=80G")
            return
        profile = await self.ask(ReleasesScreen(session, ascii_only=self._screen.ascii_only))
        if profile is not None:
            session.profile = profile
            self._screen.refresh_picture()

    async def do_view(self) -> None:
        """The next view of the table."""
        views = list(View)
        self._screen.show_view(views[(views.index(self._screen.bench.view) + 1) % len(views)])

    async def do_focus(self) -> None:
        """The next part."""
        self._screen.bench.step_focus(1)

    async def do_focus_back(self) -> None:
        """The part before."""
        self._screen.bench.step_focus(-1)

    async def do_previous_disk(self) -> None:
        """The drive before."""
        self._go_disk(-1)

    async def do_next_disk(self) -> None:
        """The next drive."""
        self._go_disk(1)

    def _go_disk(self, step: int) -> None:
        names = [disk.name for disk in self._screen.session.newest_picture.layout.disks]
        if not names:
            return
        here = self.selection.disk
        at = names.index(here) + step if here in names else 0
        self._screen.go(("disk", names[at % len(names)]))

    async def do_previous_node(self) -> None:
        """The node before, of those with the same scheme."""
        await self._go_node(-1)

    async def do_next_node(self) -> None:
        """The next one."""
        await self._go_node(1)

    async def _go_node(self, step: int) -> None:
        """The same text on another node: its drives, release and firmware."""
        screen, session = self._screen, self._screen.session
        peers = screen.case.peers if screen.case is not None else ()
        others = [name for name in peers if name != session.node]
        if screen.surroundings is None or not others:
            screen.say("There is no other node with this scheme.")
            return
        at = peers.index(session.node) if session.node in peers else -step
        name = peers[(at + step) % len(peers)]
        found = await screen.guarded(partial(screen.surroundings.visit, name))
        if isinstance(found, Refused):
            screen.say(found.reason)
        elif isinstance(found, NodeCase):
            session.visit(name, found.disks, found.profile)
            screen.refresh_picture()
            unknown = "" if found.disks else "; it never reported its disks"
            screen.say(f"{name}: {peers.index(name) + 1} of {len(peers)} with this scheme{unknown}", Role.DIM)

    async def do_command(self) -> None:
        """The command bar."""
        line = await self.ask(CommandScreen(partial(suggest, self._screen), self._screen.line_history))
        if line:
            await run_line(self._screen, line)

    async def do_help(self) -> None:
        """Every key."""
        await self.ask(HelpScreen(self._screen.CONTEXT, self._screen.keymap))
