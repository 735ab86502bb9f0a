"""One console: its terminal, a title that says where it stands, and typing.

A pane is *attached* (everything typed goes to the guest but the escape key) or in *view* mode (keys look around).
"""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import var

from core.console.keys import key_bytes, paste_bytes
from core.console.line import SessionState
from core.console.session import ConsoleSession
from tui.render.text import clean
from tui.widgets.console import title
from tui.widgets.console.terminal import GuestTerminal


class ConsolePane(GuestTerminal):
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
        super().__init__(session, ascii_only=ascii_only)
        self._escape_key = escape_key
        self._read_only = read_only
        if read_only:
            self.set_reactive(ConsolePane.attached, False)
        self._deaf = False
        self.label = clean(session.name)
        """Name and state, for where there is little room."""
        self.title = ""
        """Name, state and boot stage in a few words."""
        self.notes = ""
        """What else there is to say of it, separated by dots."""

    @property
    def shows_cursor(self) -> bool:
        """Where typing goes to."""
        return self.attached and self.has_focus

    def drawn(self) -> None:
        """The title follows what was drawn."""
        self.retitle()

    def on_mount(self) -> None:
        """Say where the console stands."""
        self.retitle()

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
        if self.is_held:
            self.follow()
        self._deaf = not self.session.send(data)
        self.retitle()
        self.post_message(self.Typed(self, data))

    def validate_attached(self, attached: bool) -> bool:
        """A read-only pane is never typed in."""
        return attached and not self._read_only

    def watch_attached(self, attached: bool) -> None:
        """Typing again means looking at the live screen."""
        if attached and self.is_mounted:
            self.follow()
        self.retitle()

    def retitle(self) -> None:
        """Say anew where the console stands: its log was started, say."""
        session = self.session
        self.label = title.label(session, ascii_only=self.ascii_only)
        shown = title.title(session, ascii_only=self.ascii_only)
        notes = title.notes(session, attached=self.attached, deaf=self._deaf, lines_back=self.lines_back)
        if (self.title, self.notes) != (shown, notes):
            self.title, self.notes = shown, notes
            self.border_title = Content(shown)
            self.border_subtitle = Content(notes)
            self.post_message(self.Retitled())
