"""One key, one small change of what the cursor is on; and the fix of a finding."""

from __future__ import annotations

from partition_editor.actions import Kind
from partition_editor.editing import steps
from tui.screens.partitioning import forms
from tui.screens.partitioning.deeds.desk import Desk


class Adjusting(Desk):
    """One key, one small change of what the cursor is on; and the fix of a finding."""

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
            await self._screen.deeds.do("new")
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
            await self._screen.deeds.do("edit")
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
            await self.fill_in(forms.fix_form(self.picture, finding, self._screen.ascii_only))
        else:
            self._screen.take(steps.mend(self.picture, finding))
