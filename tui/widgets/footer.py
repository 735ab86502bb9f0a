"""The last line of a view: whom the keys are about, then the keys that do something now."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from tui.actions.keymap import pressed_key
from tui.actions.offers import Offer, Offers
from tui.actions.table import BY_ID
from tui.render.text import cells, clean, truncate

_SUBJECT_SHARE = 3
"""The subject takes at most one part in this many of the line."""

_APART = 2
"""Cells that keep what is offered anyway apart from what is offered here."""

_WORDY = 100
"""A narrower footer offers by its keys alone what is offered anyway."""

_STAYS_WORDY = "view.help"
"""What keeps its words while there is any room: who does not know the keys needs this one."""

_LEAST = 30
"""A still narrower one leaves that out."""


class ActionFooter(Widget):
    """One line made from `Offers`. A click on an entry does what its key does."""

    DEFAULT_CSS = """
    ActionFooter { dock: bottom; height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._offers = Offers()
        self._places: list[tuple[range, Offer]] = []
        self._painted = Strip.blank(0)

    @property
    def offers(self) -> Offers:
        """What is shown."""
        return self._offers

    def show(self, offers: Offers) -> None:
        """Show other offers; only what differs is painted, which after most moves is the subject alone."""
        if offers != self._offers:
            self._offers = offers
            changed = _difference(self._painted, self._line()) if self._painted.cell_length else None
            if changed is None:
                self.refresh()
            elif changed:
                self.refresh(Region(changed.start, 0, len(changed), 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Always one line."""
        return 1

    def render_line(self, y: int) -> Strip:
        """The line."""
        self._painted = self._line()
        return self._painted

    def on_click(self, event: events.Click) -> None:
        """Do what the entry under the mouse says."""
        for place, offer in self._places:
            if event.x in place:
                self.choose(offer)

    def choose(self, offer: Offer) -> None:
        """Do what an entry's key does: through the app's one door, or by the key where a widget owns it."""
        action = BY_ID.get(offer.action_id)
        if action is not None and action.performed:
            self.app.call_later(self.app.run_action, f"app.perform('{action.id}')")
            return
        if isinstance(self.screen.focused, Input):
            self.screen.set_focus(None)
        self.app.simulate_key(pressed_key(offer.key))

    def _line(self) -> Strip:
        """Cut at an entry where the width ends; the general keys stay in view."""
        base = self.rich_style
        width = self.size.width
        subject = truncate(clean(self._offers.subject), max(8, width // _SUBJECT_SHARE))
        head = f" {subject} " if subject else ""
        general = self._general(width, width - cells(head))
        gap = self._widest_gap(width - cells(head), general)
        start = width - sum(_width(offer, gap) for offer in general) - 1
        room = start - (_APART if general else 0)
        segments = [Segment(head, base + Style(bold=True, italic=False))]
        self._places = []
        at = cells(head)
        for offer in self._offers.offers:
            if at + _width(offer, gap) > room:
                break
            at = self._put(segments, offer, at, gap, base)
        if at < start:
            segments.append(Segment(" " * (start - at), base))
            at = start
        for offer in general:
            at = self._put(segments, offer, at, gap, base)
        return Strip(segments).adjust_cell_length(width, base)

    def _general(self, width: int, room: int) -> list[Offer]:
        """What is offered anyway: only its keys where all that can be done here would not fit beside its words."""
        wanted = list(self._offers.general)
        needed = sum(_width(offer, 1) for offer in (*self._offers.offers, *wanted)) + _APART
        if width < _WORDY or needed > room:
            kept = _STAYS_WORDY if width >= _WORDY else ""
            wanted = [one if one.action_id == kept else Offer(one.action_id, one.key, "") for one in wanted]
        return wanted if width >= _LEAST else []

    def _widest_gap(self, room: int, general: list[Offer]) -> int:
        """Cells between entries: two where all have room so, else one."""
        return 2 if sum(_width(offer, 2) for offer in (*self._offers.offers, *general)) + _APART < room else 1

    def _put(self, segments: list[Segment], offer: Offer, at: int, gap: int, base: Style) -> int:
        text = _words(offer)
        segments.append(Segment(" " * gap, base))
        segments.append(Segment(offer.key, base + Style(bold=True)))
        segments.append(Segment(text, base))
        end = at + _width(offer, gap)
        self._places.append((range(at, end), offer))
        return end


def _difference(before: Strip, after: Strip) -> range | None:
    """The cells two lines differ in; None where that cannot be told, as with letters two cells wide."""
    old, new = ([(char, one.style) for one in strip for char in one.text] for strip in (before, after))
    if not len(old) == before.cell_length == after.cell_length == len(new):
        return None
    unlike = [at for at, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    return range(unlike[0], unlike[-1] + 1) if unlike else range(0)


def _words(offer: Offer) -> str:
    label = f" {offer.label}" if offer.label else ""
    return f"{label} {offer.touched}" if offer.touched is not None else label


def _width(offer: Offer, gap: int) -> int:
    return gap + cells(offer.key) + cells(_words(offer))
