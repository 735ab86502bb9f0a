"""Containers before and after the moves of a plan, side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import zip_longest
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.widget import Widget

from core.operations.before_after import Lodger, Picture
from core.operations.words import bytes_text
from tui.render.glyphs import Glyphs, glyphs_for
from tui.render.states import shown_state
from tui.render.text import clean, fit
from tui.render.units import pair_kib, short_kib
from tui.screens.dialog import Dialog
from tui.text import count
from tui.widgets.lines import Line, Lines, Role

_GAP = "  "
_MEMORY_CELLS = 7

Fitted = Callable[[str, int], str]
"""`fit` with the terminal's ellipsis."""

Pictures = Sequence[tuple[Picture, Picture]]
"""Each container now and afterwards."""


class BeforeAfterScreen(Dialog[None]):
    """Two columns: the containers now, and as the plan leaves them. Any key of leaving goes back to the plan."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("n,q,v,enter", "leave", "Back", show=False)]

    def __init__(self, title: str, pictures: Pictures) -> None:
        super().__init__(title)
        self._pictures = pictures

    def body(self) -> Iterable[Widget]:
        """The columns."""
        text = Lines([], id="pictures")
        text.add_class("grows")
        yield text

    def keys(self) -> Iterable[tuple[str, str]]:
        """The way back."""
        return ((self.key_of("confirm.leave"), "Back to the plan"),)

    def on_mount(self) -> None:
        """Lay the columns out once their width is known."""
        super().on_mount()
        self.query_one("#pictures").focus()
        self.after_refresh(self._paint)

    def on_resize(self, event: events.Resize) -> None:
        """Other widths, other columns."""
        super().on_resize(event)
        self.after_refresh(self._paint)

    def _paint(self) -> None:
        lines = self.query_one("#pictures", Lines)
        width = lines.scrollable_content_region.width
        lines.show(picture_lines(self._pictures, width, glyphs_for(self.app.has_class("-ascii"))))
        self.fit()


def picture_lines(pictures: Pictures, width: int, glyphs: Glyphs) -> list[Line]:
    """The columns as lines, every VM on one."""
    column = max(1, (width - len(_GAP)) // 2)
    fitted = partial(fit, ellipsis=glyphs.ellipsis)
    lines = [Line(_joined("NOW", "AFTERWARDS", column, fitted), Role.QUIET)]
    for before, after in pictures:
        heads = _joined(_head(before, column, fitted), _head(after, column, fitted), column, fitted)
        lines.append(Line(heads, Role.STRONG))
        for left, right in zip_longest(before.lodgers, after.lodgers):
            moves = (left is not None and left.moves) or (right is not None and right.moves)
            going, coming = _row(left, column, glyphs, ">", fitted), _row(right, column, glyphs, "+", fitted)
            lines.append(Line(_joined(going, coming, column, fitted), Role.WARNING if moves else Role.NORMAL))
    return lines


def _joined(left: str, right: str, column: int, fitted: Fitted) -> str:
    return f"{fitted(left, column)}{_GAP}{fitted(right, column)}".rstrip()


def _head(picture: Picture, column: int, fitted: Fitted) -> str:
    numbers = f"  {pair_kib(picture.used_kib, picture.memory_kib)}" if picture.lodgers else "  no VMs"
    if picture.disk_free_bytes is not None:
        numbers += f"  {bytes_text(max(0, picture.disk_free_bytes))} free"
    return fitted(clean(picture.name), max(8, column - len(numbers))).rstrip() + numbers


def _row(lodger: Lodger | None, column: int, glyphs: Glyphs, mark: str, fitted: Fitted) -> str:
    if lodger is None:
        return ""
    way = f" {lodger.way}" if lodger.way else ""
    memory = short_kib(lodger.memory_kib).rjust(_MEMORY_CELLS) if lodger.memory_kib else " " * _MEMORY_CELLS
    name = fitted(clean(lodger.vm.name), max(4, column - 4 - _MEMORY_CELLS - len(way)))
    return f"{mark if lodger.moves else ' '} {glyphs.states[shown_state(lodger.vm)]} {name}{memory}{way}"


def picture_title(pictures: Pictures) -> str:
    """What the view is about."""
    coming = sum(lodger.moves for _, after in pictures for lodger in after.lodgers)
    return f"Before and after: {count(coming, 'VM')} on {count(len(pictures), 'container')}"
