"""What the editor's keys and command words do. One method a deed: ``previous-disk`` is `do_previous_disk`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual.screen import Screen

from core.errors import PartitionError
from core.outcome import Allowed, Refused
from partition_editor.actions import Action, Kind, Selection, verdict
from partition_editor.editing import steps
from partition_editor.editing.change import Change
from partition_editor.editing.groups import volume_on
from partition_editor.editing.partitions import request_on
from partition_editor.picture import Picture
from tui.render.lines import Role
from tui.screens.ask import AskScreen
from tui.screens.choice import ChoiceScreen
from tui.screens.command import CommandScreen
from tui.screens.help import HelpScreen
from tui.screens.output import OutputScreen
from tui.screens.partitioning import forms
from tui.screens.partitioning.commands import run_line, suggest
from tui.screens.partitioning.explain import explanation
from tui.screens.partitioning.form import ChangeForm, Values
from tui.screens.partitioning.releases import ReleasesScreen
from tui.screens.partitioning.states import StatesScreen
from tui.screens.partitioning.templates import TemplateScreen
from tui.screens.partitioning.writing import diff_lines, write
from tui.text import count
from tui.widgets.lines import Line
from tui.widgets.partitioning.rows import View

if TYPE_CHECKING:
    from tui.screens.partitioning.editor import PartitionScreen

Answer = TypeVar("Answer")


class Deeds:
    """Carries out what `PartitionScreen` is asked for. Runs on the screen's thread, in a worker."""

    def __init__(self, screen: PartitionScreen) -> None:
        self._screen = screen

    async def do(self, name: str) -> None:
        """Carry a deed of the table out."""
        method: Callable[[], Awaitable[None]] = getattr(self, f"do_{name.replace('-', '_')}")
        await method()

    async def ask(self, dialog: Screen[Answer]) -> Answer | None:
        """Open a dialog and wait for its result."""
        return await self._screen.app.push_screen_wait(dialog)

    @property
    def picture(self) -> Picture:
        """The present text, worked out."""
        return self._screen.session.picture

    @property
    def selection(self) -> Selection:
        """What the cursor is on; the first drive when it is on a heading."""
        row = self._screen.row
        if row is not None and row.selection is not None:
            return row.selection
        disks = self.picture.layout.disks
        return Selection(Kind.DISK, disks[0].name if disks else "")

    def refusal(self, action: Action) -> str:
        """Why something cannot be done here; empty when it can."""
        said = verdict(action, self.selection, self.picture.subject)
        return said.reason if isinstance(said, Refused) else ""

    async def begin(self) -> None:
        """Offer what a session that was cut off left behind, then begin a journal; drives are asked for."""
        screen = self._screen
        if screen.journals is not None:
            await self._recover()
        if not screen.session.disks:
            screen.say("No drives are known: type :disks hda=80G, or :disks two disks of 80 GB, hda and hdb")

    async def _recover(self) -> None:
        screen, session = self._screen, self._screen.session
        folder = screen.journals
        if folder is None:
            return
        for lost in session.lost(folder):
            choices = {
                "r": f"Recover {count(lost.edits, 'step')} not written",
                "d": "Discard them",
                "l": "Leave them for later",
            }
            answer = await self.ask(
                ChoiceScreen(f"{session.name} was being edited when its session was cut", choices)
            )
            try:
                if answer == "r":
                    session.recover(lost)
                    screen.show_text(session.history.state.cursor)
                    screen.say(f"recovered; u takes back: {session.history.undo_label}", Role.DIM)
                    return
                if answer == "d":
                    lost.path.unlink(missing_ok=True)
            except (PartitionError, OSError) as error:
                screen.say(str(error))
        try:
            session.begin_journal(folder)
        except PartitionError as error:
            screen.say(error.sentence)

    async def _form(self, form: ChangeForm | None) -> None:
        if form is None:
            self._screen.say("There is no form for this line; change it in the source (Tab).")
            return
        change = await self.ask(form)
        if change is not None:
            self._screen.take(change)

    async def do_new(self) -> None:
        """A new partition; a new volume where the cursor is on a group."""
        reason = self.refusal(Action.NEW)
        if reason:
            self._screen.say(reason)
            return
        selection, ascii_only = self.selection, self._screen.ascii_only
        if selection.kind in (Kind.GROUP, Kind.VOLUME):
            await self._form(forms.volume_form(self.picture, selection, new=True, ascii_only=ascii_only))
        else:
            await self._form(forms.partition_form(self.picture, selection, ascii_only))

    async def do_edit(self) -> None:
        """The form of what the cursor is on; free space becomes something new, a disk is cleared."""
        selection, picture, ascii_only = self.selection, self.picture, self._screen.ascii_only
        if selection.kind is Kind.FREE:
            await self.do_new()
            return
        if selection.kind is Kind.DISK:
            await self.do_clear()
            return
        if selection.kind is Kind.LINE:
            await self._form(forms.line_form(picture, selection.line or 0, ascii_only))
            return
        if selection.kind is Kind.PARTITION and selection.line is None:
            reason = self.refusal(Action.KEEP)
            if reason:
                self._screen.say(reason)
            else:
                await self._form(forms.keep_form(picture, selection, ascii_only))
            return
        said = verdict(Action.EDIT, selection, picture.subject)
        if isinstance(said, Refused):
            self._screen.say(said.reason)
            return
        line = selection.line or 0
        note = said.note if isinstance(said, Allowed) else ""
        form = (
            forms.edit_partition_form(picture, line, ascii_only, note)
            or forms.array_form(picture, line, ascii_only)
            or forms.group_form(picture, line, ascii_only)
        )
        if form is None and volume_on(picture, line) is not None:
            form = forms.volume_form(picture, selection, new=False, ascii_only=ascii_only)
        await self._form(form)

    async def do_delete(self) -> None:
        """Take a line out."""
        self._screen.take(steps.delete(self.picture, self.selection))

    async def do_raid(self) -> None:
        """A new array, or the one under the cursor."""
        if self.selection.kind is Kind.ARRAY:
            await self.do_edit()
            return
        reason = self.refusal(Action.RAID)
        if reason:
            self._screen.say(reason)
        else:
            await self._form(forms.array_form(self.picture, None, self._screen.ascii_only))

    async def do_lvm(self) -> None:
        """A new group, or the one under the cursor."""
        if self.selection.kind is Kind.GROUP:
            await self.do_edit()
            return
        reason = self.refusal(Action.LVM)
        if reason:
            self._screen.say(reason)
        else:
            await self._form(forms.group_form(self.picture, None, self._screen.ascii_only))

    async def do_clear(self) -> None:
        """The clearpart line."""
        await self._form(forms.clear_form(self.picture, self._screen.ascii_only))

    async def do_template(self) -> None:
        """A ready text instead of this one."""
        change = await self.ask(TemplateScreen(self.picture, ascii_only=self._screen.ascii_only))
        if change is not None:
            self._screen.take(change)

    async def do_clone(self) -> None:
        """This disk's members on another."""
        reason = self.refusal(Action.CLONE)
        source = self.selection.disk
        if reason:
            self._screen.say(reason)
            return
        await self._pick(f"Clone {source}", "To", lambda values: steps.clone(self.picture, source, values["choice"]))

    async def do_move(self) -> None:
        """This partition on another disk."""
        reason = self.refusal(Action.MOVE)
        selection = self.selection
        if reason:
            self._screen.say(reason)
            return
        request = request_on(self.picture, selection.line)
        title = f"Move {request.mount if request else selection.name}"
        await self._pick(title, "To", lambda values: steps.move(self.picture, selection, values["choice"]))

    async def _pick(self, title: str, label: str, build: Callable[[Values], Change | Refused]) -> None:
        others = tuple(disk.name for disk in self.picture.disks if disk.name != self.selection.disk)
        await self._form(forms.pick_form(self.picture, title, label, others, build, self._screen.ascii_only))

    async def do_larger(self) -> None:
        """One step larger."""
        self._screen.take(steps.resize(self.picture, self.selection, 1), merge=True)

    async def do_smaller(self) -> None:
        """One step smaller."""
        self._screen.take(steps.resize(self.picture, self.selection, -1), merge=True)

    async def do_equal(self) -> None:
        """Equal parts."""
        self._screen.take(steps.equalise(self.picture, self.selection))

    async def do_fill(self) -> None:
        """All that is left."""
        if self.selection.kind is Kind.FREE:
            await self.do_new()
        else:
            self._screen.take(steps.fill(self.picture, self.selection))

    async def do_grow(self) -> None:
        """Growing, or a fixed size."""
        self._screen.take(steps.toggle_grow(self.picture, self.selection))

    async def do_primary(self) -> None:
        """Primary only, or no longer."""
        self._screen.take(steps.toggle_primary(self.picture, self.selection))

    async def do_keep(self) -> None:
        """Kept, or formatted."""
        selection = self.selection
        if selection.kind is Kind.PARTITION and selection.line is None:
            await self.do_edit()
        else:
            self._screen.take(steps.toggle_keep(self.picture, selection))

    async def do_fix(self) -> None:
        """The fix of the finding under the findings' cursor."""
        finding = self._screen.findings.finding
        if finding is None:
            self._screen.say("There is nothing to fix.")
        elif self._screen.session.is_stale:
            self._screen.refresh_picture()
        elif len(finding.fixes) > 1:
            await self._form(forms.fix_form(self.picture, finding, self._screen.ascii_only))
        else:
            self._screen.take(steps.mend(self.picture, finding))

    async def do_undo(self) -> None:
        """One step back."""
        label = self._screen.session.history.undo_label
        state = self._screen.session.undo()
        if state is None:
            self._screen.say("there is nothing to undo", Role.DIM)
        else:
            self._screen.show_text(state.cursor)
            self._screen.say(f"took back: {label}", Role.DIM)

    async def do_redo(self) -> None:
        """One step forward again."""
        state = self._screen.session.redo()
        if state is None:
            self._screen.say("there is nothing to do again", Role.DIM)
        else:
            self._screen.show_text(state.cursor)
            self._screen.say(f"did again: {state.label}", Role.DIM)

    async def do_states(self) -> None:
        """The named states."""
        name = await self.ask(StatesScreen(self._screen.session))
        if name:
            self.jump(name)

    def jump(self, name: str) -> None:
        """Go to a named state."""
        state = self._screen.session.jump(name)
        if isinstance(state, Refused):
            self._screen.say(state.reason)
        else:
            self._screen.show_text(state.cursor)
            self._screen.say(f"back to {name}", Role.DIM)

    async def do_reset(self) -> None:
        """The text as it was opened."""
        state = self._screen.session.reset()
        self._screen.show_text(state.cursor)
        self._screen.say("as it was opened; u takes it back", Role.DIM)

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
        self.show_view(views[(views.index(self._screen.view) + 1) % len(views)])

    def show_view(self, view: View) -> None:
        """Show the table another way."""
        self._screen.view = view
        self._screen.show_picture(self._screen.session.newest_picture)

    async def do_diff(self) -> None:
        """What writing would change."""
        await self.show_lines("Difference to the file", diff_lines(self._screen.session.diff()))

    async def show_lines(self, title: str, lines: Sequence[Line]) -> None:
        """Some text to read."""
        await self.ask(OutputScreen(title, list(lines)))

    async def do_write(self) -> None:
        """Write the text."""
        await write(self._screen)

    async def do_focus(self) -> None:
        """The next part."""
        self._screen.step_focus(1)

    async def do_focus_back(self) -> None:
        """The part before."""
        self._screen.step_focus(-1)

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

    async def do_command(self) -> None:
        """The command bar."""
        line = await self.ask(CommandScreen(partial(suggest, self._screen), self._screen.line_history))
        if line:
            await run_line(self._screen, line)

    async def do_help(self) -> None:
        """Every key."""
        await self.ask(HelpScreen(self._screen.CONTEXT, self._screen.keymap))

    async def do_quit(self) -> None:
        """Leave; what is not written is asked about."""
        screen = self._screen
        if screen.focused is screen.source:
            screen.focused_part(screen.table)
            return
        if not screen.session.is_saved and not screen.read_only:
            lines = [f"{screen.session.name} is not written.", "w writes it; y leaves it as it was."]
            if not await self.ask(AskScreen("Leave without writing?", lines, yes="Leave")):
                return
        screen.session.close()
        screen.leave()
