"""The last line of a view: whom the keys are about, then the keys that do something now."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from tui.actions.offers import Offer, Offers
from tui.render.text import cells, clean, fit, truncate

_SUBJECT_SHARE = 3
"""The subject takes at most one part in this many of the line."""


class ActionFooter(Widget):
    """One line made from `Offers`. A click on an entry does what its key does."""

    DEFAULT_CSS = """
    ActionFooter { dock: bottom; height: 1; background: $panel; color: $foreground; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._offers = Offers()
        self._places: list[tuple[range, str]] = []

    @property
    def offers(self) -> Offers:
        """What is shown."""
        return self._offers

    def show(self, offers: Offers) -> None:
        """Show other offers; nothing is painted when they are the same."""
        if offers != self._offers:
            self._offers = offers
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Always one line."""
        return 1

    def render_line(self, y: int) -> Strip:
        """The line, cut at an entry where the width ends; the general keys stay in view."""
        base = self.rich_style
        width = self.size.width
        general = self._general(width)
        room = width - sum(_width(offer) for offer in general)
        segments: list[Segment] = []
        self._places = []
        subject = clean(self._offers.subject)
        if subject:
            subject = truncate(subject, max(8, width // _SUBJECT_SHARE))
            segments.append(Segment(f" {subject} ", base + Style(bold=True, italic=False)))
        at = cells(subject) + 2 if subject else 1
        segments.extend([] if subject else [Segment(" ", base)])
        for offer in self._offers.offers:
            if at + _width(offer) > room:
                break
            at = self._put(segments, offer, at, base)
        if at < room:
            segments.append(Segment(" " * (room - at), base))
            at = room
        for offer in general:
            at = self._put(segments, offer, at, base)
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        """Do what the entry under the mouse says."""
        for place, action_id in self._places:
            if event.x in place:
                self.app.call_later(self.app.run_action, f"app.perform('{action_id}')")

    def _general(self, width: int) -> list[Offer]:
        wanted = list(self._offers.general)
        if width < 100:
            wanted = [Offer(one.action_id, one.key, "") for one in wanted]
        return wanted if width >= 30 else []

    def _put(self, segments: list[Segment], offer: Offer, at: int, base: Style) -> int:
        text = _words(offer)
        segments.append(Segment(f" {offer.key}", base + Style(bold=True)))
        segments.append(Segment(fit(text, cells(text)), base))
        end = at + _width(offer)
        self._places.append((range(at, end), offer.action_id))
        return end


def _words(offer: Offer) -> str:
    label = f" {offer.label}" if offer.label else ""
    return f"{label} {offer.touched}" if offer.touched is not None else label


def _width(offer: Offer) -> int:
    return 1 + cells(offer.key) + cells(_words(offer))


def offers_of(entries: Iterable[tuple[str, str, str]]) -> tuple[Offer, ...]:
    """Offers from (action id, key, label), for views whose footer never changes."""
    return tuple(Offer(action_id, key, label) for action_id, key, label in entries)
