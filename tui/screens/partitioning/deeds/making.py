"""What is made, changed and taken out, mostly through a form."""

from __future__ import annotations

from collections.abc import Callable

from core.outcome import Allowed, Refused
from partition_editor.actions import Action, Kind, verdict
from partition_editor.editing import steps
from partition_editor.editing.change import Change
from partition_editor.editing.groups import volume_on
from partition_editor.editing.partitions import request_on
from tui.screens.form import Values
from tui.screens.partitioning import forms
from tui.screens.partitioning.deeds.desk import Desk
from tui.screens.partitioning.templates import TemplateScreen


class Making(Desk):
    """What is made, changed and taken out, mostly through a form."""

    async def do_new(self) -> None:
        """A new partition; a new volume where the cursor is on a group."""
        reason = self.refusal(Action.NEW)
        if reason:
            self._screen.say(reason)
            return
        selection, ascii_only = self.selection, self._screen.ascii_only
        if selection.kind in (Kind.GROUP, Kind.VOLUME):
            await self.fill_in(forms.volume_form(self.picture, selection, new=True, ascii_only=ascii_only))
        else:
            await self.fill_in(forms.partition_form(self.picture, selection, ascii_only))

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
            await self.fill_in(forms.line_form(picture, selection.line or 0, ascii_only))
            return
        if selection.kind is Kind.PARTITION and selection.line is None:
            reason = self.refusal(Action.KEEP)
            if reason:
                self._screen.say(reason)
            else:
                await self.fill_in(forms.keep_form(picture, selection, ascii_only))
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
        await self.fill_in(form)

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
            await self.fill_in(forms.array_form(self.picture, None, self._screen.ascii_only))

    async def do_lvm(self) -> None:
        """A new group, or the one under the cursor."""
        if self.selection.kind is Kind.GROUP:
            await self.do_edit()
            return
        reason = self.refusal(Action.LVM)
        if reason:
            self._screen.say(reason)
        else:
            await self.fill_in(forms.group_form(self.picture, None, self._screen.ascii_only))

    async def do_clear(self) -> None:
        """The clearpart line."""
        await self.fill_in(forms.clear_form(self.picture, self._screen.ascii_only))

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
        await self.fill_in(forms.pick_form(self.picture, title, label, others, build, self._screen.ascii_only))
