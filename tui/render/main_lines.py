"""The main screen's lines beside header and rows: filter count, store trouble, what runs."""

from __future__ import annotations

from collections.abc import Sequence

from core.inventory.snapshot import InventorySnapshot
from tui.render.lines import Line, Role, Span
from tui.render.rows import Look
from tui.render.text import clean


def match_words(matches: int, total: int, marked: int, containers: int) -> str:
    """``12 of 37, 3 marked on 2 containers``."""
    text = f"{matches} of {total}"
    if marked:
        on = f" on {containers} container{'' if containers == 1 else 's'}"
        text += f", {marked} marked{on}"
    return text


def store_line(snapshot: InventorySnapshot) -> Line:
    """What is wrong with the store, or that it is still empty; nothing when all is well."""
    if snapshot.store_error:
        return (Span(f" ! {clean(snapshot.store_error)}; what you see is from before, trying again", Role.WARNING),)
    if snapshot.serial >= 0 and not snapshot.containers:
        line = ":add host NAME membership='VM Container' uri=URI"
        return (Span(" No containers yet. Type ", Role.WARNING), Span(line, Role.GROUP))
    return ()


def runs_line(runs: Sequence[tuple[str, int, int, str]], look: Look) -> Line:
    """What runs: the newest action with how far it is, and how many more there are.

    Args:
        runs: Title, targets finished, targets in all, and what happened last.
    """
    if not runs:
        return ()
    title, finished, total, sentence = runs[-1]
    safe_title, safe_sentence = clean(title, look.glyphs.ascii_only), clean(sentence, look.glyphs.ascii_only)
    more = f"   and {len(runs) - 1} more" if len(runs) > 1 else ""
    return (
        Span(f" {look.glyphs.job} {safe_title}", Role.BUSY),
        Span(f"   {finished} of {total}   {safe_sentence}{more}"),
    )
