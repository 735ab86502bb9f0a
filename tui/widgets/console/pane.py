"""One console: its terminal, a title that says where it stands, typing and looking back.

A pane is *attached* (everything typed goes to the guest but the escape key) or in *view* mode (keys look around).
The session's threads only post `ConsolePane.Stirred`; all drawing happens here, at most 30 times a second (8 while
the guest floods), and only rows that changed are drawn.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.reactive import var
from textual.strip import Strip
from textual.widget import Widget

from core.console.cells import Cursor, Frame, Modes, Row, row_text
from core.console.keys import key_bytes, paste_bytes
from core.console.session import ConsoleSession, SessionState
from tui.render.text import clean
from tui.widgets.console.strips import row_strip, with_cursor, with_highlight

_FRAME_S = 1 / 30
_FLOOD_FRAME_S = 1 / 8
_FLOOD_BYTES = 32 * 1024
"""More than this since the last frame is nothing a person reads: such a pane is drawn less often."""
_GLYPHS = {
    SessionState.OPENING: ("◐", "o"),
    SessionState.OPEN: ("●", "*"),
    SessionState.WAITING: ("○", "-"),
    SessionState.BUSY: ("⚿", "!"),
    SessionState.FAILED: ("✖", "x"),
    SessionState.CLOSED: ("○", "-"),
}


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

    class Alerted(Message):
        """The boot watch saw something an operator must know."""

        def __init__(self, pane: ConsolePane, text: str) -> None:
            self.pane = pane
            self.text = text
            super().__init__()

    def __init__(
        self,
        make_session: Callable[[Callable[[], None]], ConsoleSession],
        *,
        escape_key: str,
        ascii_only: bool = False,
    ) -> None:
        """Show a session.

        Args:
            make_session: Builds it, given what to call when it stirs.
            escape_key: Textual's name of the key that leaves typing.
        """
        super().__init__()
        self.session = make_session(self._stirred)
        self._escape_key = escape_key
        self._ascii = ascii_only
        self._rows: list[Row] = []
        self._frame = Frame(0, 0, Cursor(0, 0, False))
        self._pending = False
        self._painted_at = 0.0
        self._painted_bytes = 0
        self._alerted = ""
        self._titles = ("", "")
        self._found: tuple[int, int, int] | None = None

    @property
    def modes(self) -> Modes:
        """The guest's modes as of the last frame."""
        return self._frame.modes

    def on_mount(self) -> None:
        """Open the console."""
        self.session.start()
        self._retitle()

    def on_unmount(self) -> None:
        """Hang up; the session's thread ends by itself."""
        self.session.close()

    def on_resize(self, event: events.Resize) -> None:
        """The guest's terminal takes the pane's size."""
        width, height = self.content_size
        if width > 0 and height > 0:
            self.session.resize(width, height)
            self._take_frame(everything=True)

    def _stirred(self) -> None:
        """Called from the session's threads."""
        if not self._pending:
            self._pending = True
            self.post_message(self.Stirred(self))

    def on_console_pane_stirred(self, message: Stirred) -> None:
        """Draw now, or when the next frame is due."""
        message.stop()
        flooded = self.session.received - self._painted_bytes > _FLOOD_BYTES
        wait_s = self._painted_at + (_FLOOD_FRAME_S if flooded else _FRAME_S) - time.monotonic()
        if wait_s <= 0:
            self._take_frame()
        else:
            self.set_timer(wait_s, self._take_frame)

    def _take_frame(self, *, everything: bool = False) -> None:
        self._pending = False
        self._painted_at = time.monotonic()
        self._painted_bytes = self.session.received
        before = self._frame
        frame = self._frame = self.session.frame(everything=everything)
        if len(self._rows) != frame.rows:
            self._rows = [()] * frame.rows
            everything = True
        for number, row in frame.changed.items():
            self._rows[number] = row
        if everything:
            self.refresh()
        else:
            touched = set(frame.changed)
            if before.cursor != frame.cursor:
                touched |= {before.cursor.row, frame.cursor.row}
            if touched:
                width = self.content_size.width
                self.refresh(*(Region(0, number, width, 1) for number in touched))
        self._retitle()
        self._alert()

    def render_line(self, y: int) -> Strip:
        """One row of the terminal."""
        width = self.content_size.width
        base = self.rich_style
        if y >= len(self._rows):
            return Strip.blank(width, base)
        strip = row_strip(self._rows[y], width, base)
        if self._found is not None and self._found[0] == y:
            strip = with_highlight(strip, self._found[1], self._found[2], Style(reverse=True))
        cursor = self._frame.cursor
        if cursor.visible and cursor.row == y and self.attached and self.has_focus:
            strip = with_cursor(strip, cursor, width)
        return strip

    def on_key(self, event: events.Key) -> None:
        """Type, or leave typing. In view mode the screen has the keys."""
        if event.key == self._escape_key:
            event.stop()
            event.prevent_default()
            if self.attached:
                self.attached = False
            else:
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
        data = key_bytes(event.key, event.character, self.modes)
        if data:
            self.type(data)

    def on_paste(self, event: events.Paste) -> None:
        """Paste into the guest, without escape sequences."""
        event.stop()
        if self.attached:
            self.type(paste_bytes(event.text, self.modes))

    def type(self, data: bytes) -> None:
        """Send what was typed here, and tell the screen."""
        if self._frame.offset:
            self.session.follow()
            self._take_frame(everything=True)
        self.session.send(data)
        self.post_message(self.Typed(self, data))

    def look(self, pages: float) -> None:
        """Scroll by pages; negative is back."""
        self.scroll_lines(int(pages * max(1, self._frame.rows - 1)))

    def scroll_lines(self, lines: int) -> None:
        """Scroll by lines; negative is back."""
        self.session.scroll(lines)
        self._found = None
        self._take_frame(everything=True)

    def show_line(self, line: int, column: int, length: int) -> None:
        """Bring a line (counted from the oldest kept) into view and mark a match in it."""
        top = max(0, line - self._frame.rows // 2)
        self.session.scroll_to(top)
        self._take_frame(everything=True)
        first = self._frame.scrollback - self._frame.offset
        self._found = (line - first, column, length)
        self.refresh()

    def follow(self) -> None:
        """Back to the live screen."""
        self._found = None
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
        return "\n".join(row_text(row).rstrip() for row in self._rows).rstrip()

    def watch_attached(self, attached: bool) -> None:
        """Typing again means looking at the live screen."""
        if attached and self.is_mounted:
            self.follow()
        self._retitle()

    def on_focus(self) -> None:
        """The cursor shows in the focused pane only."""
        self.refresh()

    def on_blur(self) -> None:
        """See `on_focus`."""
        self.refresh()

    def _retitle(self) -> None:
        status, stage = self.session.status, self.session.stage
        glyph = _GLYPHS[status.state][1 if self._ascii else 0]
        boot = f"  boot: {clean(stage.text)}" if stage else ""
        title = f"{clean(self.session.name)}{boot}  {glyph}"
        notes = [] if self.attached else ["VIEW"]
        if status.state is not SessionState.OPEN:
            notes.append(f"{status.state.value}: {clean(status.detail)}" if status.detail else status.state.value)
        if self.session.logging:
            notes.append("log on")
        if self.session.recording:
            notes.append("recording")
        if self.session.trouble:
            notes.append(clean(self.session.trouble))
        if self._frame.offset:
            notes.append(f"{self._frame.offset} lines back")
        elif self.session.history_shown and status.state is SessionState.OPEN:
            notes.append(f"history {max(1, self.session.history_shown // 1024)} KB before attach")
        subtitle = " · ".join(notes)
        if self._titles != (title, subtitle):
            self._titles = (title, subtitle)
            self.border_title = Content(title)
            self.border_subtitle = Content(subtitle)

    def _alert(self) -> None:
        stage = self.session.stage
        if stage is not None and stage.alert and stage.name != self._alerted:
            self.post_message(self.Alerted(self, f"{self.session.name}: {stage.name}: {stage.line}"))
        self._alerted = stage.name if stage else ""
