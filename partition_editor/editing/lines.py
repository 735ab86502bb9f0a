"""A line by itself, whatever it says: rewritten as the release takes it. Pure; any thread."""

from __future__ import annotations

from core.outcome import Refused
from partition_editor.document.lines import Line
from partition_editor.document.parsing import read_directive
from partition_editor.editing.change import Change
from partition_editor.findings import Severity
from partition_editor.picture import Picture


def rewrite_line(picture: Picture, number: int, text: str) -> Change | Refused:
    """Put another text in a line's place; its line end stays. Refused while the release does not take it."""
    line = picture.document.line(number)
    if line is None:
        return Refused(f"there is no line {number}.")
    if not text.strip() or "\n" in text or "\r" in text:
        return Refused("write one line; to take it out, leave the form and press d.")
    directive = read_directive(text, picture.release)
    for problem in directive.problems if directive is not None else ():
        if problem.severity is Severity.ERROR:
            return Refused(problem.message)
    document = picture.document.with_lines(number, number + 1, [Line(text, line.ending)])
    return Change(document, f"rewrite line {number}", number)
