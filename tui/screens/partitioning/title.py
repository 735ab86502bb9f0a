"""The editor's first line. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from partition_editor.findings import Severity
from partition_editor.session import Session
from tui.render.lines import Line, Role, Span
from tui.render.text import cells, clean
from tui.text import count
from tui.widgets.partitioning.rows import View


def title_line(session: Session, counts: Mapping[Severity, int], width: int, *, place: str, view: View) -> Line:
    """Whose partitions, for which release, where they are written, and how they fare."""
    profile = session.profile
    rocks = f" · Rocks {profile.rocks}" if profile.rocks else ""
    who = f" Partitions  {clean(session.name)}"
    kind = f"  ({profile.release} · {profile.firmware.value.upper()}{rocks})"
    state = "" if session.is_saved else "  not written"
    if view is not View.PHYSICAL:
        state += f"  {view.value}"
    right = (
        [Span("planning …", Role.DIM)]
        if session.is_stale
        else [
            Span(words, role)
            for words, role in (
                (count(counts[Severity.ERROR], "problem"), Role.CRASHED),
                (count(counts[Severity.WARNING], "warning"), Role.WARNING),
            )
            if not words.startswith("0 ")
        ]
        or [Span("no problems", Role.RUNNING)]
    )
    said = 2 * len(right) + sum(cells(one.text) for one in right)
    place = f"  {clean(place)}" if place else ""
    if cells(who + kind + state + place) + said > width:
        place = ""
    left = [Span(who, Role.GROUP), Span(kind), Span(place, Role.DIM), Span(state, Role.WARNING)]
    gap = width - sum(cells(one.text) for one in left) - said
    spans = [*left, Span(" " * max(gap, 1))]
    for one in right:
        spans += [one, Span("  ")]
    return tuple(spans)
