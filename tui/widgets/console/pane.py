"""One console: its terminal, a title that says where it stands, typing and looking back.

A pane is *attached* (everything typed goes to the guest but the escape key) or in *view* mode (keys look around).
The session's threads only post `ConsolePane.Stirred`; all drawing happens here, at most 30 times a second (8 while
the guest floods), and only rows that changed are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from core.console.cells import Modes
from core.console.keys import key_bytes, paste_bytes
from core.console.line import SessionState
from core.console.session import ConsoleSession
from tui.render.text import clean
from tui.widgets.console import title
from tui.widgets.console.notice import notice_lines
from tui.widgets.console.picture import Picture
from tui.widgets.console.strips import with_selection
from tui.widgets.console.window import guest_size

_FRAME_S = 1 / 30
_FLOOD_FRAME_S = 1 / 8
_FLOOD_BYTES = 32 * 1024
"""More than this since the last frame is nothing a person reads: such a pane is drawn less often."""
_NOTICE = Style(reverse=True)


class ConsolePane(Widget, can_focus=True):
    """See the module."""

    DEFAULT_CSS = """
    ConsolePane {
        width: 1fr; height: 1fr;
        border: solid $panel; border-title-color: $text-muted; border-subtitle-color: $text-muted;
        background: $background; color: $foreground;
    }
    ConsolePane:focus { border: solid $primary; border-title-color: $foreground; border-title-style: bold; }
    ConsolePane.-broadcast, ConsolePane.-broadcast:focus { border: heavy $error; border-title-color: $text-error; }
    """

    attached: var[bool] = var(True)
    """Typing goes to the guest."""

    class Stirred(Message):
        """The session has something new. Posted from its threads."""

        def __init__(self, pane: ConsolePane) -> None:
            self.pane = pane
            super().__init__()

        def can_replace(self, message: Message) -> bool:
            """The latest is as good as all."""
            return isinstance(message, ConsolePane.Stirred)

    class Typed(Message):
        """Bytes went to the guest; a broadcasting screen sends them to the other tiles too."""

        def __init__(self, pane: ConsolePane, data: bytes) -> None:
            self.pane = pane
            self.data = data
            super().__init__()

    class Retitled(Message):
        """The title or the notes changed."""

    def __init__(
        self, session: ConsoleSession, *, escape_key: str, ascii_only: bool = False, read_only: bool = False
    ) -> None:
        """Show a session.

        Args:
            escape_key: Textual's name of the key that leaves typing.
            read_only: Nothing is ever typed.
        """
        super().__init__()
        self.session = session
        self._escape_key = escape_key
        self._ascii = ascii_only
        self._read_only = read_only
        self._unsubscribe: Callable[[], None] = lambda: None
        if read_only:
            self.set_reactive(ConsolePane.attached, False)
        self._picture = Picture()
        self._pending = False
        self._painted_at = 0.0
        self._painted_bytes = 0
        self._notice: list[str] = []
        self._deaf = False
        self.label = clean(session.name)
        """Name and state, for where there is little room."""
        self.title = ""
        """Name, state and boot stage in a few words."""
        self.notes = ""
        """What else there is to say of it, separated by dots."""

    @property
    def modes(self) -> Modes:
        """The guest's modes as of the last frame."""
        return self._picture.frame.modes

    def on_mount(self) -> None:
        """Open the console."""
        self._unsubscribe = self.session.subscribe(self._stirred)
        self.session.start()
        self.retitle()

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

    def on_console_pane_stirred(self, message: Stirred) -> None:
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
        self.retitle()

    def _take_frame(self, *, everything: bool = False) -> None:
        self._pending = False
        self._painted_at = time.monotonic()
        self._painted_bytes = self.session.received
        notice = notice_lines(self.session.status, self.content_size.width, ascii_only=self._ascii)
        everything = everything or notice != self._notice
        self._notice = notice
        frame = self.session.frame(everything=everything)
        width, height = self.content_size.width, self._height
        lines = self._picture.take(frame, width, height)
        if everything or lines is None:
            self.refresh()
        elif lines:
            self.refresh(*(Region(0, y, width, 1) for y in lines))
        self.retitle()

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
        strip = self._picture.strip(y, width, base, cursor=self.attached and self.has_focus)
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

    def on_key(self, event: events.Key) -> None:
        """Type, or leave typing. In view mode the screen has the keys."""
        if event.key == self._escape_key:
            event.stop()
            event.prevent_default()
            if self.attached:
                self.attached = False
            elif not self._read_only:
                self.type(key_bytes(event.key, event.character, self.modes))
                self.attached = True
            return
        if not self.attached:
            return
        event.stop()
        event.prevent_default()
        if event.key in ("shift+pageup", "shift+pagedown"):
            self.look(-1 if event.key == "shift+pageup" else 1)
            return
        if self.session.status.state not in (SessionState.OPEN, SessionState.OPENING):
            self._ask_again(event.key)
            return
        data = key_bytes(event.key, event.character, self.modes)
        if data:
            self.type(data)

    def _ask_again(self, key: str) -> None:
        """Without a line to the guest the two keys that the pane's notice names are Quarry's."""
        if key == "enter":
            self.session.reattach()
        elif key == "t" and self.session.status.state is SessionState.BUSY:
            self.session.reattach(take_over=True)

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the guest, without escape sequences."""
        event.stop()
        if self.attached:
            self.type(paste_bytes(event.text, self.modes))

    def type(self, data: bytes) -> None:
        """Send what was typed here, and tell the screen."""
        if self._picture.is_held:
            self.follow()
        self._deaf = not self.session.send(data)
        self.retitle()
        self.post_message(self.Typed(self, data))

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

    def validate_attached(self, attached: bool) -> bool:
        """A read-only pane is never typed in."""
        return attached and not self._read_only

    def watch_attached(self, attached: bool) -> None:
        """Typing again means looking at the live screen."""
        if attached and self.is_mounted:
            self.follow()
        self.retitle()

    def on_focus(self) -> None:
        """The cursor shows in the focused pane only."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()

    def retitle(self) -> None:
        """Say anew where the console stands: its log was started, say."""
        session = self.session
        self.label = title.label(session, ascii_only=self._ascii)
        shown = title.title(session, ascii_only=self._ascii)
        notes = title.notes(session, attached=self.attached, deaf=self._deaf, lines_back=self._picture.frame.offset)
        if (self.title, self.notes) != (shown, notes):
            self.title, self.notes = shown, notes
            self.border_title = Content(shown)
            self.border_subtitle = Content(notes)
            self.post_message(self.Retitled())
