"""Ready texts, each seen on this node's drives before it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.outcome import Refused
from partition_editor.editing.change import Change
from partition_editor.editing.steps import use_preset
from partition_editor.picture import Picture
from partition_editor.presets import PRESETS, Preset
from tui.screens.dialog import Dialog
from tui.screens.partitioning.form import draw_again, only
from tui.widgets.lines import Line, Lines, Role
from tui.widgets.partitioning.bars import LINES_EACH, DriveBars

SHOWN = 9
MOST_BARS = 2


class TemplateScreen(Dialog[Change]):
    """Result: the change, or None."""

    DEFAULT_CSS = """
    TemplateScreen #list { height: 9; overflow-y: hidden; }
    TemplateScreen #preview-bars { background: $surface; margin-top: 1; }
    TemplateScreen #preview { max-height: 8; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", "Next", show=False, priority=True),
        Binding("up,k", "step(-1)", "Before", show=False, priority=True),
        Binding("y,f12", "yes", "Yes", show=False, id="confirm.yes"),
    ]

    def __init__(
        self, picture: Picture, presets: Sequence[Preset] = tuple(PRESETS.values()), *, ascii_only: bool = False
    ) -> None:
        super().__init__("Templates")
        self._picture = picture
        self._presets = presets
        self._at = 0
        self._ascii = ascii_only

    def body(self) -> Iterable[Widget]:
        """The list, then drives and text as they would be."""
        lines = Lines(id="list")
        yield lines
        bars = DriveBars(ascii_only=self._ascii, id="preview-bars")
        bars.can_focus = False
        yield bars
        yield Lines(id="preview")

    def keys(self) -> Iterable[tuple[str, str]]:
        """Choosing and taking."""
        return (("Up Down", "Choose"), ("y", "Take it instead of the present text"), ("Esc", "Leave"))

    def on_mount(self) -> None:
        """Begin with the first."""
        super().on_mount()
        self.query_one("#list").focus()
        self._show()

    def action_step(self, step: int) -> None:
        """Up and down."""
        self._at = max(0, min(self._at + step, len(self._presets) - 1))
        self._show()

    def action_yes(self) -> None:
        """Take it, where the drives allow it."""
        change = use_preset(self._picture, self._presets[self._at])
        if not isinstance(change, Refused):
            self.dismiss(change)

    def _show(self) -> None:
        first = max(0, min(self._at - SHOWN // 2, len(self._presets) - SHOWN))
        rows = []
        for index in range(first, min(first + SHOWN, len(self._presets))):
            one = self._presets[index]
            no = one.refusal(self._picture.disks)
            role = Role.STRONG if index == self._at else Role.QUIET if no else Role.NORMAL
            rows.append(Line(f"{'>' if index == self._at else ' '} {one.title}  {one.about}", role, hang=4))
        self.query_one("#list", Lines).show(rows)
        self._preview()

    def _preview(self) -> None:
        bars, text = self.query_one("#preview-bars", DriveBars), self.query_one("#preview", Lines)
        change = use_preset(self._picture, self._presets[self._at])
        bars.display = not isinstance(change, Refused)
        if isinstance(change, Refused):
            text.show([Line(f"! {change.reason}", Role.WARNING, hang=2)])
            return
        after = draw_again(self._picture, change.document)
        used = tuple(disk for disk in after.layout.disks if disk.partitions)[:MOST_BARS]
        bars.styles.height = max(1, len(used)) * LINES_EACH
        bars.show(only(after, used))
        text.show([Line(line.raw, hang=2) for line in change.document.lines])
        self.fit()
