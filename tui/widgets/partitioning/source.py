"""The text itself, live: typed into by hand, marked in the gutter where something is wrong."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.strip import Strip

from partition_editor.document.lines import Document
from partition_editor.document.tokens import tokenise
from partition_editor.findings import Finding, Severity
from tui.render.lines import Line, Role, Span
from tui.render.strips import to_strip
from tui.render.text import cells, clean
from tui.widgets.painted import PaintedLines
from tui.widgets.partitioning.findings import ROLES, mark_of
from tui.widgets.partitioning.messages import LineReached, Typed
from tui.widgets.partitioning.typing import (
    Place,
    Step,
    backspace,
    cut_line,
    delete,
    insert,
    last_line,
    length_of,
    within,
)

Findings = dict[int, list[Finding]]
MOST_STRIPS = 4096


class SourceView(PaintedLines, can_focus=True):
    """A small text editor over a `Document`. What is typed is posted, never kept: the screen shows it again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "line(-1)", "Up", show=False),
        Binding("down", "line(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("left", "character(-1)", "Left", show=False),
        Binding("right", "character(1)", "Right", show=False),
        Binding("home,ctrl+a", "column(0)", "Beginning of the line", show=False),
        Binding("end,ctrl+e", "column(1000000)", "End of the line", show=False),
        Binding("ctrl+home", "line(-1000000)", "Beginning of the text", show=False),
        Binding("ctrl+end", "line(1000000)", "End of the text", show=False),
        Binding("enter", "newline", "New line", show=False),
        Binding("backspace", "backspace", "Delete before", show=False),
        Binding("delete", "delete", "Delete", show=False),
        Binding("ctrl+k", "cut_line", "Delete the line", show=False, id="partitions.cut-line"),
    ]

    def __init__(self, *, ascii_only: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._ascii = ascii_only
        self._document = Document()
        self._worst: dict[int, Severity] = {}
        self._place = Place(1, 0)
        self._left = 0
        self._strips: dict[tuple[int, str, Severity | None, bool, int, int], Strip] = {}
        self.read_only = False

    @property
    def document(self) -> Document:
        """What is shown."""
        return self._document

    @property
    def place(self) -> Place:
        """The cursor."""
        return self._place

    def show(self, document: Document, place: Place | None = None) -> None:
        """Show a text, its cursor where asked, else where it was."""
        self._document = document
        self._place = within(document, place or self._place)
        self.set_line_count(last_line(document))
        self._follow()

    def show_findings(self, findings: Findings) -> None:
        """Mark the lines that something is said about."""
        order = list(Severity)
        self._worst = {line: min((one.severity for one in said), key=order.index) for line, said in findings.items()}
        if len(self._strips) > MOST_STRIPS:
            self._strips = {}
        self.repaint()

    def go(self, line: int, column: int = 0) -> None:
        """Put the cursor on a line, without telling."""
        place = within(self._document, Place(line, column))
        if place.line != self._place.line:
            self._place = place
            self._follow()

    def paint(self, y: int) -> Strip:
        """Gutter, number, text."""
        width = self.text_size.width
        number = self.top + y + 1
        if number > last_line(self._document):
            return Strip.blank(width, self.palette[Role.TEXT])
        line = self._document.line(number)
        here = number == self._place.line
        digits = len(str(last_line(self._document)))
        worst = self._worst.get(number)
        raw = line.raw if line else ""
        key = (number, raw, worst, here, self._left, digits)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._line(number, raw, worst, here=here, digits=digits)
        return self._with_cursor(strip, digits + 1, width) if here else strip

    def forget_painted(self) -> None:
        """New size or colours."""
        self._strips = {}

    def _line(self, number: int, raw: str, worst: Severity | None, *, here: bool, digits: int) -> Strip:
        width = self.text_size.width
        mark = mark_of(worst, ascii_only=self._ascii) if worst else " "
        gutter = (
            Span(f"{number:>{digits}}", Role.GROUP if here else Role.DIM),
            Span(mark, ROLES[worst] if worst else Role.TEXT),
        )
        body = coloured(raw, self._ascii)
        if self._left:
            body = _shifted(body, self._left)
        return to_strip((*gutter, *body), self.palette, width)

    def on_focus(self) -> None:
        """Show the cursor."""
        self.repaint()

    def on_blur(self) -> None:
        """Only its line stays marked."""
        self.repaint()

    def _with_cursor(self, strip: Strip, gutter: int, width: int) -> Strip:
        if not self.has_focus:
            return strip.apply_style(self.get_component_rich_style("line--cursor-blurred"))
        line = self._document.line(self._place.line)
        shown = visible(line.raw if line else "", self._ascii)
        at = gutter + cells(shown[: self._place.column]) - self._left
        size = max(1, cells(shown[self._place.column : self._place.column + 1]))
        if not 0 <= at < width:
            return strip
        pieces = strip.divide([at, min(at + size, width), width])
        cursor = pieces[1].apply_style(self.get_component_rich_style("line--found"))
        return Strip.join([pieces[0], cursor, *pieces[2:]])

    def _follow(self) -> None:
        """Keep the cursor in the window, sideways too."""
        self.show_line(self._place.line - 1)
        line = self._document.line(self._place.line)
        shown = visible(line.raw if line else "", self._ascii)
        at = cells(shown[: self._place.column])
        room = max(4, self.text_size.width - len(str(last_line(self._document))) - 2)
        if at < self._left:
            self._left = max(0, at - room // 2)
        elif at >= self._left + room:
            self._left = at - room + 1
        self.repaint()

    def _move(self, place: Place) -> None:
        before = self._place.line
        self._place = within(self._document, place)
        self._follow()
        if self._place.line != before:
            self.post_message(LineReached(self._place.line))

    def _type(self, step: Step, word: str) -> None:
        if self.read_only:
            self.app.bell()
            return
        if step.document != self._document:
            label = f"{word} on line {self._place.line}"
            self.show(step.document, step.place)
            self.post_message(Typed(step.document, label, step.place.line, step.place.column))

    def on_key(self, event: events.Key) -> None:
        """A printable key is text."""
        if event.character is not None and event.is_printable:
            event.stop()
            event.prevent_default()
            self._type(insert(self._document, self._place, event.character), "typing")

    def on_paste(self, event: events.Paste) -> None:
        """Several lines at once."""
        event.stop()
        self._type(insert(self._document, self._place, event.text), "paste")

    def on_click(self, event: events.Click) -> None:
        """To where it was clicked."""
        number = self.top + event.y + 1
        line = self._document.line(number)
        shown = visible(line.raw if line else "", self._ascii)
        wanted = event.x - len(str(last_line(self._document))) - 1 + self._left
        column = next((at for at in range(len(shown)) if cells(shown[: at + 1]) > wanted), len(shown))
        self._move(Place(number, column))

    def action_line(self, step: int) -> None:
        """Up or down."""
        self._move(Place(self._place.line + step, self._place.column))

    def action_page(self, pages: int) -> None:
        """A page up or down."""
        self._move(Place(self._place.line + pages * max(1, self.text_size.height - 1), self._place.column))

    def action_character(self, step: int) -> None:
        """Left or right, over line ends."""
        line, column = self._place.line, self._place.column + step
        if column < 0 and line > 1:
            self._move(Place(line - 1, length_of(self._document, line - 1)))
        elif column > length_of(self._document, line) and line < last_line(self._document):
            self._move(Place(line + 1, 0))
        else:
            self._move(Place(line, column))

    def action_column(self, column: int) -> None:
        """To the beginning or end of the line."""
        self._move(Place(self._place.line, column))

    def action_newline(self) -> None:
        """Enter."""
        self._type(insert(self._document, self._place, "\n"), "new line")

    def action_backspace(self) -> None:
        """Take the character before away."""
        self._type(backspace(self._document, self._place), "typing")

    def action_delete(self) -> None:
        """Take the character here away."""
        self._type(delete(self._document, self._place), "typing")

    def action_cut_line(self) -> None:
        """Take the line out."""
        self._type(cut_line(self._document, self._place), "cut")


def visible(raw: str, ascii_only: bool = False) -> str:
    """A line as it can be shown, one character for each of its own."""
    if raw.isascii() and raw.isprintable():
        return raw
    tab = ">" if ascii_only else "→"
    return "".join(tab if one == "\t" else (clean(one, ascii_only) or "�")[:1] for one in raw)


def coloured(raw: str, ascii_only: bool = False) -> Line:
    """A line with its command, options and comment told apart."""
    shown = visible(raw, ascii_only)
    if not shown:
        return ()
    body, comment = shown, ""
    at = _comment_at(raw)
    if at is not None:
        body, comment = shown[:at], shown[at:]
    spans: list[Span] = []
    command = False
    for piece in _pieces(body):
        if piece.isspace():
            role = Role.TEXT
        elif not command:
            role, command = Role.GROUP, True
        else:
            role = Role.BUSY if piece.startswith("--") else Role.TEXT
        name, equals, value = piece.partition("=") if role is Role.BUSY else (piece, "", "")
        spans.append(Span(name + equals, role))
        if value:
            spans.append(Span(value))
    if comment:
        spans.append(Span(comment, Role.DIM))
    return tuple(spans)


def _comment_at(raw: str) -> int | None:
    if "#" not in raw:
        return None
    return tokenise(raw).comment_column


def _pieces(text: str) -> list[str]:
    """Words and the blanks between them."""
    pieces: list[str] = []
    for one in text:
        if pieces and pieces[-1][-1].isspace() == one.isspace():
            pieces[-1] += one
        else:
            pieces.append(one)
    return pieces


def _shifted(line: Line, left: int) -> Line:
    """A line without its first cells."""
    found = []
    for span in line:
        if left <= 0:
            found.append(span)
            continue
        text = span.text
        while text and left > 0:
            left -= cells(text[0])
            text = text[1:]
        if text:
            found.append(Span(text, span.role))
    return tuple(found)
