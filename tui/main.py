"""The executable. Decides between the screen and one command, and imports only what that needs.

Starting quickly counts: a command never imports Textual, and the screen opens before any container is asked.
"""

from __future__ import annotations

import gc
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.commands.grammar import Line, take_options
from core.commands.refusal import Refusal, Status
from core.errors import QuarryError, SettingsError, StoreError
from core.settings import Settings, load_settings
from partition_editor.verbs import add_verbs

if TYPE_CHECKING:
    from tui.fleet import Fleet

DEMO = "--demo"

CRASHED = 70
"""Exit status after a mistake of Quarry's own, as sysexits(3) has it."""

STARTING_S = 2.0
"""How long the first screen may take at most."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run `quarry` with these words (default: the process's own) and return its exit status.

    Without a verb the screen opens: on the configured store, on ``--store URL``, or with ``--demo`` on a demo fleet.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    add_verbs()
    if words[:1] == ["partition"]:
        return _partition(words[1:])
    line = _screen_line(words)
    if line is None:
        from core.commands import cli

        return cli.main(words)
    if line.words:
        return _fail(f'{DEMO} opens the screen and takes no command ("{line.words[0]}")', Status.NOT_UNDERSTOOD)
    if not _on_terminal():
        return _no_screen("the screen needs a terminal; without one use commands (quarry --help lists them)")
    try:
        settings = load_settings(store=line.options.store, read_only=line.options.read_only)
        return _open_screen(settings, demo=DEMO in words)
    except QuarryError as error:
        return _fail(error.sentence, Status.STORE if isinstance(error, StoreError) else Status.REFUSED)


def _screen_line(words: Sequence[str]) -> Line | None:
    """The line when it asks for the screen, None when it is a command's (or nonsense, which the commands explain)."""
    demo = DEMO in words
    try:
        line = take_options([word for word in words if word != DEMO])
    except Refusal:
        return None
    options = line.options
    plain = not (options.help or options.version or options.dry_run or options.yes)
    return line if plain and (demo or not line.words) else None


def _partition(words: Sequence[str]) -> int:
    """``partition check``, ``plan``, or ``edit`` on a screen; none of them needs the store."""
    if words[:1] != ["edit"]:
        from partition_editor import cli

        return cli.main(words)
    if not {"-h", "--help"} & set(words) and not _on_terminal():
        return _no_screen("partition edit needs a terminal; partition check and plan do not")
    try:
        settings = for_terminal(load_settings())
        _prepare_environment()
        from tui.partition_app import edit

        return edit(words[1:], settings)
    except QuarryError as error:
        return _fail(error.sentence, Status.REFUSED)


def _open_screen(settings: Settings, *, demo: bool) -> int:
    from tui.crash import log_to_file

    _collect_later()
    settings = for_terminal(settings)
    _prepare_environment()
    log_to_file()
    # The containers are being connected while Textual is imported.
    fleet = _open_fleet(settings, demo=demo)
    try:
        from tui.app import QuarryApp

        app = QuarryApp(fleet, settings)
        app.run(mouse=settings.tui.mouse)
        return CRASHED if app.crashed else app.return_code or 0
    finally:
        fleet.close()


def _prepare_environment() -> None:
    """Set what Textual reads from the environment when it is imported and when its App is made."""
    # Its own wait after Esc feels stuck over a slow link.
    os.environ.setdefault("ESCDELAY", "50")
    # no-color.org: colours go when it is there and not empty; Textual asks only whether it is there.
    if os.environ.get("NO_COLOR") == "":
        del os.environ["NO_COLOR"]


def _collect_later() -> None:
    """Keep the garbage collector out of the start.

    Half a million objects are made that all stay: looking through them again and again took a tenth of a second of
    the first screen. Afterwards they are set aside, so that no later collection looks at them either.
    """

    def begin() -> None:
        gc.freeze()
        gc.enable()

    gc.disable()
    timer = threading.Timer(STARTING_S, begin)
    timer.daemon = True
    timer.start()


def _open_fleet(settings: Settings, *, demo: bool) -> Fleet:
    if demo:
        if settings.store.url and "QUARRY_STORE" not in os.environ:
            raise SettingsError(f"{DEMO} brings a store of its own", remedy="leave out --store")
        from tui.composition import open_demo

        return open_demo(settings)
    from tui.composition import open_fleet

    return open_fleet(settings)


def for_terminal(settings: Settings) -> Settings:
    """ASCII twins of the glyphs where the terminal cannot show the real ones."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if os.environ.get("TERM") != "linux" and encoding.startswith("utf"):
        return settings
    return replace(settings, tui=replace(settings.tui, ascii=True))


def _on_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()


def _no_screen(sentence: str) -> int:
    """Say why no screen opens. Where stderr alone is elsewhere, the operator looks at stdout."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        sentence = "the screen is drawn on stderr, which is no terminal here: leave out 2>"
        sys.stdout.write(f"error - {sentence}\n")
    return _fail(sentence, Status.NOT_UNDERSTOOD)


def _fail(sentence: str, status: Status) -> int:
    sys.stderr.write(f"error - {sentence}\n")
    return status
