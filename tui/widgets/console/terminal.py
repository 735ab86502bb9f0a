"""A session's terminal drawn row by row, with what is said below it, and looked back on.

The session's threads only post `GuestTerminal.Stirred`; all drawing happens here, at most 30 times a second (8 while
the guest floods), and only rows that changed are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual import events, on
from textual.geometry import Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from core.console.cells import Modes
from core.console.session import ConsoleSession
from tui.widgets.console.notice import notice_lines
from tui.widgets.console.picture import Picture
from tui.widgets.console.strips import with_selection
from tui.widgets.console.window import guest_size

_FRAME_S = 1 / 30
_FLOOD_FRAME_S = 1 / 8
_FLOOD_BYTES = 32 * 1024
"""More than this since the last frame is nothing a person reads: such a terminal is drawn less often."""
_NOTICE = Style(reverse=True)


class GuestTerminal(Widget, can_focus=True):
    """See the module. What else there is to say of a console is its heir's, in `drawn`."""

    class Stirred(Message):
        """The session has something new. Posted from its threads."""

        def __init__(self, terminal: GuestTerminal) -> None:
            self.terminal = terminal
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """The latest is as good as all."""
            return isinstance(message, GuestTerminal.Stirred)

    def __init__(self, session: ConsoleSession, *, ascii_only: bool = False) -> None:
        """Show a session."""
        super().__init__()
        self.session = session
        self.ascii_only = ascii_only
        self._unsubscribe: Callable[[], None] = lambda: None
        self._picture = Picture()
        self._pending = False
        self._painted_at = 0.0
        self._painted_bytes = 0
        self._notice: list[str] = []

    @property
    def modes(self) -> Modes:
        """The guest's modes as of the last frame."""
        return self._picture.frame.modes

    @property
    def lines_back(self) -> int:
        """How far it is looked back."""
        return self._picture.frame.offset

    @property
    def is_held(self) -> bool:
        """The operator chose what is in sight; it does not follow the guest."""
        return self._picture.is_held

    @property
    def shows_cursor(self) -> bool:
        """The guest's cursor is drawn."""
        return self.has_focus

    def drawn(self) -> None:
        """There was something new, drawn by now where the terminal is in sight."""

    def on_mount(self) -> None:
        """Open the console."""
        self._unsubscribe = self.session.subscribe(self._stirred)
        self.session.start()

    def on_unmount(self) -> None:
        """Look no longer; whoever gave the session decides whether it ends."""
        self._unsubscribe()

    def on_resize(self, event: events.Resize) -> None:
        """The guest's terminal takes the pane's size, but is never smaller than guests draw for."""
        width, height = self.content_size
        if width > 0 and height > 0:
            self.session.resize(*guest_size(width, height))
            self._picture.grow()
            self._take_frame(everything=True)

    def on_show(self) -> None:
        """Draw what happened while it was out of sight."""
        self.wake()

    def wake(self) -> None:
        """Draw all of it anew: it was out of sight."""
        self._take_frame(everything=True)

    def _stirred(self) -> None:
        """Called from the session's threads."""
        if not self._pending:
            self._pending = True
            self.post_message(self.Stirred(self))

    @on(Stirred)
    def _draw_soon(self, message: Stirred) -> None:
        """Draw now, or when the next frame is due."""
        message.stop()
        if not (self.display and self.screen.is_current):
            self.set_timer(_FLOOD_FRAME_S, self._tell_unseen)
            return
        flooded = self.session.received - self._painted_bytes > _FLOOD_BYTES
        wait_s = self._painted_at + (_FLOOD_FRAME_S if flooded else _FRAME_S) - time.monotonic()
        if wait_s <= 0:
            self._take_frame()
        else:
            self.set_timer(wait_s, self._take_frame)

    def _tell_unseen(self) -> None:
        """Out of sight only the title is kept up, and not at every read of a flood."""
        self._pending = False
        self.drawn()

    def _take_frame(self, *, everything: bool = False) -> None:
        self._pending = False
        self._painted_at = time.monotonic()
        self._painted_bytes = self.session.received
        notice = notice_lines(self.session.status, self.content_size.width, ascii_only=self.ascii_only)
        everything = everything or notice != self._notice
        self._notice = notice
        frame = self.session.frame(everything=everything)
        width, height = self.content_size.width, self._height
        lines = self._picture.take(frame, width, height)
        if everything or lines is None:
            self.refresh()
        elif lines:
            self.refresh(*(Region(0, y, width, 1) for y in lines))
        self.drawn()

    @property
    def _height(self) -> int:
        """Rows left for the terminal."""
        return max(1, self.content_size.height - len(self._notice))

    def render_line(self, y: int) -> Strip:
        """One row of the terminal, or of what is said below it."""
        width = self.content_size.width
        base = self.rich_style
        if y >= self._height:
            said = self._notice[y - self._height]
            return Strip([Segment(said, base + _NOTICE)]).adjust_cell_length(width, base + _NOTICE)
        strip = self._picture.strip(y, width, base, cursor=self.shows_cursor)
        selected = self.text_selection
        span = None if selected is None else selected.get_span(y)
        if span is not None:
            strip = with_selection(strip, span, self.screen.get_component_rich_style("screen--selection"))
        return strip.apply_offsets(0, y)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What the mouse selected of the lines in sight, without the blanks behind them."""
        lines: list[str] = []
        for y in range(self._height):
            span = selection.get_span(y)
            if span is not None:
                text = self._picture.strip(y, self.content_size.width, self.rich_style, cursor=False).text
                lines.append(text[span[0] : span[1] if span[1] >= 0 else None].rstrip())
        return "\n".join(lines), "\n"

    def look(self, pages: float) -> None:
        """Scroll by pages; negative is back."""
        self.scroll_lines(int(pages * max(1, self._height - 1)))

    def scroll_lines(self, lines: int) -> None:
        """Scroll by lines; negative is back. What the pane cuts off of the terminal comes before the scrollback."""
        picture = self._picture
        picture.found = None
        within = max(lines, -picture.top) if lines < 0 else max(0, lines - picture.frame.offset)
        self._move(within, 0)
        if lines != within:
            self.session.scroll(lines - within)
        self._take_frame(everything=True)

    def pan(self, columns: int) -> None:
        """Look further right on a terminal wider than the pane; negative is left."""
        self._move(0, columns)
        self._take_frame(everything=True)

    def _move(self, down: int, right: int) -> None:
        self._picture.move(down, right, self.content_size.width, self._height)

    def show_line(self, line: int, column: int, length: int) -> None:
        """Bring a line (counted from the oldest kept) into view and mark a match in it."""
        self.session.scroll_to(max(0, line - self._picture.frame.rows // 2))
        self._take_frame(everything=True)
        frame = self._picture.frame
        first = frame.scrollback - frame.offset
        self._picture.mark(line - first, column, length, self.content_size.width, self._height)
        self.refresh()

    def follow(self) -> None:
        """Back to the live screen."""
        self._picture.follow()
        self.session.follow()
        self._take_frame(everything=True)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel looks back."""
        event.stop()
        self.scroll_lines(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel looks forward."""
        event.stop()
        self.scroll_lines(3)

    def shown_text(self) -> str:
        """What the pane shows, for copying."""
        return self._picture.text()

    def on_focus(self) -> None:
        """The cursor shows where the focus is."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()
