"""Lines wrapped with a hanging indent, and counted words. Pure. Cleaning foreign text is `tui.render.text`'s."""

from __future__ import annotations

import re

from tui.render.text import cells, split_cells

_WORDS = re.compile(r" *[^ ]+")


def wrap_hanging(text: str, width: int, hang: int = 0) -> list[str]:
    """Break a line at spaces to lines of at most `width` cells, the following ones indented by `hang`.

    Runs of spaces inside a line are kept, so columns stay columns while they fit. Words too long for a line are cut.
    """
    width = max(width, 1)
    if cells(text) <= width:
        return [text]
    indent = " " * hang if hang < width // 2 else ""
    lines: list[str] = []
    current = ""
    for word in _WORDS.findall(text):
        if cells(current) + cells(word) <= width:
            current += word
            continue
        if current.strip():
            lines.append(current)
            current = indent + word.lstrip()
        else:
            current += word
        while cells(current) > width:
            head = split_cells(current, width)[0]
            lines.append(head)
            current = indent + current[len(head) :]
    return [*lines, current] if current.strip() else lines


def count(number: int, word: str, plural: str = "") -> str:
    """ "1 VM", "2 VMs"."""
    return f"{number} {word if number == 1 else plural or word + 's'}"
