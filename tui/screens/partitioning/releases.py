"""The same text on every release and firmware, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from partition_editor.disks import MIB_SECTORS, Firmware, Profile
from partition_editor.document.sizes import show_mib
from partition_editor.editing.steps import is_equal
from partition_editor.findings import Severity
from partition_editor.layout import Layout, PlanRefusal
from partition_editor.picture import Picture, draw
from partition_editor.session import Session
from partition_editor.showing import what_for
from tui.background import in_background
from tui.render.text import clean, truncate
from tui.screens.dialog import Dialog
from tui.screens.partitioning.form import only
from tui.text import count
from tui.widgets.lines import Line, Lines, Role
from tui.widgets.partitioning.bars import LINES_EACH, DriveBars

RELEASES = ("RHEL5", "RHEL6", "RHEL7", "RHEL8", "RHEL9", "RHEL10")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one profile makes of the text.

    Attributes:
        words: In short: fits, stops, refused.
        differs: What is otherwise than now, partition by partition.
    """

    profile: Profile
    picture: Picture
    words: str
    differs: tuple[str, ...]


def outcomes(session: Session) -> list[Outcome]:
    """Every release with every firmware, the session's own first; not for the screen's thread."""
    now = session.draw_later()().picture
    profiles = [now.profile]
    for release in RELEASES:
        for firmware in Firmware:
            profile = replace(now.profile, release=release, firmware=firmware)
            if profile != now.profile:
                profiles.append(profile)
    found = []
    for profile in profiles:
        one = now if profile == now.profile else draw(session.document, session.disks, profile, session.node)
        found.append(Outcome(profile, one, _words(one), tuple(differences(now, one))))
    return found


def _words(one: Picture) -> str:
    if isinstance(one.answer, PlanRefusal):
        return f"refused: {one.answer.error}"
    if one.answer is not None and not one.answer.ok:
        graves = [found.message for found in one.findings if found.severity is Severity.ERROR]
        return f"stops: {(*graves, *one.answer.checker_errors, one.answer.bootloader_error)[0]}"
    return "fits"


def differences(now: Picture, other: Picture) -> Iterable[str]:
    """What lies or is called otherwise, request by request."""
    if now.profile == other.profile or is_equal(now.layout, other.layout):
        return
    for mine, theirs in zip(now.layout.disks, other.layout.disks, strict=False):
        if mine.label != theirs.label:
            yield f"{theirs.name}: {theirs.label or 'no label'} instead of {mine.label or 'no label'}"
    placed = {(what_for(one), one.line): (disk.name, one) for disk in now.layout.disks for one in disk.partitions}
    there = {(what_for(one), one.line): (disk.name, one) for disk in other.layout.disks for one in disk.partitions}
    for key, (disk, one) in there.items():
        before = placed.get(key)
        size = show_mib((one.length + MIB_SECTORS // 2) // MIB_SECTORS)
        if before is None:
            yield f"{key[0] or one.kind}: new, {one.name}, {size}"
        elif (before[1].name, before[1].length, before[0]) != (one.name, one.length, disk):
            old = show_mib((before[1].length + MIB_SECTORS // 2) // MIB_SECTORS)
            yield f"{key[0] or one.kind}: {one.name}, {size} instead of {before[1].name}, {old}"
    for key, (_, one) in placed.items():
        if key not in there:
            yield f"{key[0] or one.kind}: missing"


class ReleasesScreen(Dialog[Profile]):
    """Result: the profile to go on with, or None."""

    DEFAULT_CSS = """
    ReleasesScreen #list { height: auto; max-height: 14; }
    ReleasesScreen #preview-bars { background: $surface; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", "Next", show=False, priority=True),
        Binding("up,k", "step(-1)", "Before", show=False, priority=True),
        Binding("y,f12", "yes", "Yes", show=False, id="confirm.yes"),
    ]

    def __init__(self, session: Session, *, ascii_only: bool = False) -> None:
        super().__init__("The same text elsewhere")
        self._session = session
        self._outcomes: Sequence[Outcome] = ()
        self._at = 0
        self._ascii = ascii_only

    def body(self) -> Iterable[Widget]:
        """The list, the chosen one's drives, and what differs there."""
        yield Lines([Line("planning…", Role.QUIET)], id="list")
        bars = DriveBars(ascii_only=self._ascii, id="preview-bars")
        bars.can_focus = False
        yield bars
        differs = Lines(id="differs")
        differs.add_class("grows")
        yield differs

    def keys(self) -> Iterable[tuple[str, str]]:
        """Choosing and going on."""
        return (("Up Down", "Choose"), ("y", "Go on with this one"), ("Esc", "Leave"))

    def on_mount(self) -> None:
        """Plan in another thread."""
        super().on_mount()
        self.query_one("#list").focus()
        self.run_worker(self._plan(), exit_on_error=False)

    async def _plan(self) -> None:
        self._outcomes = await in_background(lambda: outcomes(self._session), "releases")
        self._show()

    def action_step(self, step: int) -> None:
        """Up and down."""
        self._at = max(0, min(self._at + step, len(self._outcomes) - 1))
        self._show()

    def action_yes(self) -> None:
        """Go on with the chosen profile."""
        if self._outcomes:
            self.dismiss(self._outcomes[self._at].profile)

    def _show(self) -> None:
        if not self._outcomes:
            return
        rows = [self._row(index, one) for index, one in enumerate(self._outcomes)]
        self.query_one("#list", Lines).show(rows)
        chosen = self._outcomes[self._at]
        bars = self.query_one("#preview-bars", DriveBars)
        disks = tuple(disk for disk in chosen.picture.layout.disks if disk.partitions)[:1]
        bars.styles.height = max(1, len(disks)) * LINES_EACH
        bars.show(only(chosen.picture, disks))
        lines = [Line(one, hang=2) for one in chosen.differs] or [Line("nothing differs", Role.QUIET)]
        wrong = [one for one in chosen.picture.findings if one.severity is Severity.ERROR]
        lines = [*(Line(f"{one.rule} {one.message}", Role.BAD, hang=2) for one in wrong), *lines]
        self.query_one("#differs", Lines).show(lines)
        self.fit()

    def _row(self, index: int, one: Outcome) -> Line:
        mark = ">" if index == self._at else " "
        where = f"{one.profile.release} {one.profile.firmware.value.upper()}"
        bad = not isinstance(one.picture.answer, Layout) or not one.picture.answer.ok
        label = "/".join(sorted({disk.label or "-" for disk in one.picture.layout.disks}))
        differs = "as now" if not one.differs else count(len(one.differs), "difference")
        if index == 0:
            differs = "now"
        words = f"{mark} {where:<12} {label:<6} {differs:<15} {one.words}"
        role = Role.BAD if bad else Role.STRONG if index == self._at else Role.NORMAL
        room = self.query_one("#list").size.width - 1
        return Line(truncate(clean(words), max(room, 40)), role)
