"""The partition editor alone: ``quarry partition edit FILE``. Needs no store, no containers."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from core.errors import QuarryError
from core.outcome import Refused
from core.settings import Settings, settings_path
from partition_editor.cli import USAGE_ERROR, add_target, printable_lines, read_target
from partition_editor.document.files import open_document
from partition_editor.document.lines import Document
from partition_editor.session import Session
from tui.actions.keymap import make_keymap
from tui.crash import report_crash, state_folder
from tui.history import History
from tui.screens.partitioning.editor import JOURNALS, PartitionScreen
from tui.screens.type_ahead import TypeAheadApp
from tui.themes import ASCII_BORDERS, MONO, Colourless, register_themes


class PartitionApp(TypeAheadApp, inherit_bindings=False):
    """Nothing but the editor."""

    TITLE = "Quarry partitions"
    CSS = ASCII_BORDERS
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "how_to_leave", show=False, priority=True),
        Binding("ctrl+l", "redraw", show=False),
    ]

    def __init__(
        self,
        session: Session,
        path: Path | None = None,
        *,
        settings: Settings | None = None,
        journals: Path | None = None,
        lines: History | None = None,
    ) -> None:
        """Edit a session's text.

        Raises:
            SettingsError: The settings' keys or theme cannot be used.
        """
        self._colourless = Colourless()
        super().__init__()
        self.settings = settings or Settings()
        keymap = make_keymap(self.settings.tui.keys, settings_path())
        self.editor = PartitionScreen(
            session,
            path=path,
            journals=journals,
            keymap=keymap,
            ascii_only=self.settings.tui.ascii,
            read_only=self.settings.read_only,
            lines=lines,
        )
        register_themes(self, self.settings.tui.theme)
        self.set_keymap(dict(keymap.changed))
        self.crashed = False

    def on_mount(self) -> None:
        """Open the editor; leaving it ends the app. A signal keeps the journal for the next time."""
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit)
        self.set_class(self.settings.tui.ascii, "-ascii")
        self.push_screen(self.editor, lambda _: self.exit())

    def action_how_to_leave(self) -> None:
        """Ctrl-C."""
        self.notify("q leaves, w writes", markup=False)

    def action_redraw(self) -> None:
        """Paint everything again."""
        self.refresh(layout=True)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing coloured with NO_COLOR or in the theme without colours."""
        return [self._colourless] if self.no_color or self.theme == MONO.name else super().get_line_filters()

    def _handle_exception(self, error: Exception) -> None:
        """A widget broke: one sentence instead of a traceback; the journal keeps the edits."""
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.crashed = True
            self.panic(Text(f"{report_crash(error)}. The edits are kept: open the same file again."))


@dataclass(frozen=True, slots=True)
class Opening:
    """What ``edit`` was asked for."""

    session: Session
    path: Path


def open_session(argv: Sequence[str]) -> Opening:
    """Read ``FILE [--disk …]``; a file that does not exist yet is an empty text.

    Raises:
        QuarryError: A file cannot be read, or an argument makes no sense.
        SystemExit: Wrong usage, or ``--help``; argparse has said it.
    """
    parser = argparse.ArgumentParser(prog="quarry partition edit", description="Edit a partition text on a screen.")
    add_target(parser)
    parser.add_argument("--node", default="", help="name of the node, for messages")
    arguments = parser.parse_args(list(argv))
    path = Path(arguments.file)
    if arguments.file == "-":
        raise QuarryError("cannot edit standard input", remedy="name a file")
    missing = not path.exists()
    if missing and not path.absolute().parent.is_dir():
        raise QuarryError(f"cannot edit {path}", "its folder does not exist")
    document: Document | Refused = Document() if missing else open_document(path)
    if isinstance(document, Refused):
        raise QuarryError("cannot use the text", document.reason)
    target = read_target(arguments, document)
    source = str(path.absolute())
    session = Session(document, target.disks, target.profile, name=path.name, node=arguments.node, source=source)
    return Opening(session, path)


def edit(argv: Sequence[str], settings: Settings) -> int:
    """Run the editor on what the arguments name, and return the exit status: 0, 3 for what cannot be opened."""
    try:
        opening = open_session(argv)
    except QuarryError as error:
        sys.stderr.write(f"error - {printable_lines(error.sentence)}\n")
        return USAGE_ERROR
    except SystemExit as leaving:
        return USAGE_ERROR if leaving.code else 0
    app = PartitionApp(
        opening.session,
        opening.path,
        settings=settings,
        journals=state_folder() / JOURNALS,
        lines=History(state_folder() / "partition-history"),
    )
    app.run(mouse=settings.tui.mouse)
    # Leaving by key has ended the session already; a dropped line or a crash has not.
    opening.session.close(keep_journal=not opening.session.is_saved)
    return 70 if app.crashed else app.return_code or 0
