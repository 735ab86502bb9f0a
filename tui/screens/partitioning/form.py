"""A form whose result is a change of the text: while one types, the bars, sizes and lines it would lead to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.outcome import Refused
from partition_editor.disks import MIB_SECTORS
from partition_editor.document.lines import Document
from partition_editor.document.sizes import show_mib
from partition_editor.editing.change import Change
from partition_editor.findings import Severity
from partition_editor.layout import PlannedDisk, PlanRefusal
from partition_editor.picture import Picture, draw
from tui.background import in_background
from tui.screens.form import Build, Field, Form, noted
from tui.widgets.lines import Line, Lines, Role
from tui.widgets.partitioning.bars import LINES_EACH, DriveBars

QUICK_LINES = 40
MOST_BARS = 2
"""Drives shown in the preview: those that the change touches, at most so many."""

MOST_LINES = 7


class ChangeForm(Form[Change]):
    """Result: the change, or None."""

    DEFAULT_CSS = """
    ChangeForm #preview-bars { margin-top: 1; background: $surface; }
    ChangeForm #preview { max-height: 9; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f12", "accept", "OK", show=False, priority=True)]

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        build: Build[Change],
        picture: Picture,
        *,
        note: str = "",
        ascii_only: bool = False,
    ) -> None:
        """A form.

        Args:
            title: Of the box.
            fields: In order.
            build: Makes the change from the fields, or says why there is none yet.
            picture: The text before.
            note: A sentence above the fields' outcome.
            ascii_only: Draw with ASCII twins.
        """
        super().__init__(title, fields, build)
        self._picture = picture
        self._note = note
        self._ascii = ascii_only

    def body(self) -> Iterable[Widget]:
        """Fields, the drives as they would be, the lines as they would be."""
        fields, preview = super().body()
        bars = DriveBars(ascii_only=self._ascii, id="preview-bars")
        bars.can_focus = False
        yield from (fields, bars, preview)

    def keys(self) -> Iterable[tuple[str, str]]:
        """How to get on."""
        return (("Enter", "Next"), ("F12", "OK"), ("y", "OK (below the fields)"), ("Esc", "Leave"))

    def action_accept(self) -> None:
        """F12: yes, from a field too."""
        self.action_yes()

    def preview(self, note: str = "") -> None:
        """The drives, lines and findings as they would be now."""
        change = self._build(self.values)
        rows = noted(note)
        if self._note:
            rows.append(Line(self._note, Role.QUIET, hang=2))
        if isinstance(change, Refused):
            self.query_one("#preview", Lines).show([*rows, Line(f"! {change.reason}", Role.WARNING, hang=2)])
            self._show_bars(self._picture, self._picture)
            return
        if len(change.document) <= QUICK_LINES:
            self._outcome(change, draw_again(self._picture, change.document), rows)
        else:
            self.run_worker(self._later(change, rows), group="preview", exclusive=True, exit_on_error=False)

    async def _later(self, change: Change, rows: list[Line]) -> None:
        after = await in_background(lambda: draw_again(self._picture, change.document), "preview")
        self._outcome(change, after, rows)

    def _outcome(self, change: Change, after: Picture, rows: list[Line]) -> None:
        if change.note:
            rows.append(Line(change.note, Role.QUIET, hang=2))
        rows += outcome_lines(self._picture, after)
        self.query_one("#preview", Lines).show(rows)
        self._show_bars(self._picture, after)
        self.fit()

    def _show_bars(self, before: Picture, after: Picture) -> None:
        bars = self.query_one("#preview-bars", DriveBars)
        names = touched(before, after)
        room = 1 if self.app.size.height < 30 else MOST_BARS
        kept = tuple(disk for disk in after.layout.disks if disk.name in names[:room])
        bars.styles.height = len(kept) * LINES_EACH
        bars.show(only(after, kept))


def draw_again(picture: Picture, document: Document) -> Picture:
    """The same node with another text."""
    if document == picture.document:
        return picture
    return draw(document, picture.disks, picture.profile, picture.node)


def only(picture: Picture, disks: tuple[PlannedDisk, ...]) -> Picture:
    """A picture with some of its drives."""
    kept = tuple(one for one in picture.layout.disks if one in disks)
    return replace(picture, layout=replace(picture.layout, disks=kept))


def touched(before: Picture, after: Picture) -> list[str]:
    """Drives that look different afterwards, else all of them."""
    old = {disk.name: disk for disk in before.layout.disks}
    changed = [disk.name for disk in after.layout.disks if old.get(disk.name) != disk]
    return changed or [disk.name for disk in after.layout.disks]


def outcome_lines(before: Picture, after: Picture) -> list[Line]:
    """The lines that come and go, the sizes they lead to, and what is newly wrong."""
    old = [line.raw for line in before.document.lines]
    new = [line.raw for line in after.document.lines]
    rows: list[Line] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        rows += [Line(f"- {raw}", Role.QUIET, hang=2) for raw in old[i1:i2]]
        for number in range(j1, j2):
            rows.append(Line(f"+ {new[number]}{_comes_to(after, number + 1)}", Role.STRONG, hang=2))
    if len(rows) > MOST_LINES:
        rows = [*rows[: MOST_LINES - 1], Line(f"… {len(rows) - MOST_LINES + 1} lines more", Role.QUIET)]
    if isinstance(after.answer, PlanRefusal):
        rows.insert(0, Line(f"✖ {after.answer.error}", Role.BAD, hang=2))
    known = {(one.rule, one.message) for one in before.findings}
    for one in after.findings:
        if (one.rule, one.message) not in known and one.severity is not Severity.INFO:
            role = Role.BAD if one.severity is Severity.ERROR else Role.WARNING
            rows.append(Line(f"! {one.rule} {one.message}", role, hang=2))
    return rows or [Line("nothing changes", Role.QUIET)]


def _comes_to(after: Picture, line: int) -> str:
    found = after.planned.get(line)
    if found:
        disk, one = found[0]
        return f"   → {one.name} on {disk.name}, {show_mib((one.length + MIB_SECTORS // 2) // MIB_SECTORS)}"
    for array in after.layout.arrays:
        if array.line == line:
            return f"   → {show_mib(array.size_bytes // 1024**2)} usable"
    for volume in after.layout.volumes:
        if volume.line == line:
            return f"   → {show_mib(volume.size_bytes // 1024**2)}"
    for group in after.layout.groups:
        if group.line == line:
            return f"   → {show_mib(group.extents * group.pe_bytes // 1024**2)}"
    return ""
