"""The application: one main screen, pages over it, and one door through which every action goes.

Runs on the screen's thread. Nothing here blocks; see `tui.background`.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from typing import ClassVar, TypeVar

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen

from core.errors import QuarryError
from core.settings import Settings, settings_path
from tui.actions.action import Context
from tui.actions.command_line import CommandAsks
from tui.actions.consoles import ConsoleAlerts, Consoles
from tui.actions.keymap import bindings, make_keymap
from tui.actions.lifecycle import Lifecycle
from tui.actions.moves import tell_interrupted
from tui.actions.perform import Performer
from tui.actions.table import ACTIONS, BY_ID
from tui.crash import report_crash, state_folder
from tui.fleet import Fleet
from tui.history import History
from tui.notices import Notice, Notices, in_corner
from tui.palette import ActionProvider
from tui.render.clock import Clock
from tui.render.text import clean
from tui.screens.consoles import ConsolesScreen
from tui.screens.main import MainScreen
from tui.screens.page import Page
from tui.screens.type_ahead import TypeAheadApp, TypeAheadScreen
from tui.themes import ASCII_BORDERS, MONO, NOTICES, Colourless, register_themes

Answer = TypeVar("Answer")

_MOVE_FOCUS = frozenset({"view.command", "view.help", "view.escape", "vm.add", "vm.edit"})
"""Actions that open a field at once, or leave one: what is typed behind their keys is for who has the focus then."""


class QuarryApp(TypeAheadApp, inherit_bindings=False):
    """Quarry's screen on a fleet."""

    TITLE = "Quarry"
    CSS = NOTICES + ASCII_BORDERS
    COMMANDS = {ActionProvider}  # noqa: RUF012 - Textual's own declaration
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(ACTIONS, make_keymap({})),
        Binding("ctrl+z", "suspend_process", "Suspend", show=False, id="app.suspend"),
        Binding("ctrl+p", "command_palette", "Palette", show=False, id="view.palette"),
        Binding("ctrl+c", "perform('app.no-interrupt')", show=False, priority=True),
    ]

    def __init__(
        self, fleet: Fleet, settings: Settings, *, clock: Clock | None = None, history: History | None = None
    ) -> None:
        """Show a fleet.

        Raises:
            SettingsError: The settings' keys or theme cannot be used.
        """
        self._colourless = Colourless()
        super().__init__()
        self.fleet = fleet
        self.settings = settings
        self.clock = clock or Clock()
        self.keymap = make_keymap(settings.tui.keys, settings_path())
        self.history = history or History(state_folder() / "history")
        self.lifecycle = Lifecycle(self, fleet, self.call_later)
        self.consoles = Consoles(self)
        self.performer = Performer(self)
        self.notices = Notices()
        self.main = MainScreen(fleet, settings, clock=self.clock)
        self.asked_to_quit = False
        self.last_page = ""
        self.crashed = False
        register_themes(self, settings.tui.theme)
        self.set_keymap(dict(self.keymap.changed))

    @property
    def context(self) -> Context:
        """Where keys work now: that of the topmost view that is not a dialog."""
        view = next(screen for screen in reversed(self.screen_stack) if not screen.is_modal)
        return getattr(view, "CONTEXT", Context.TREE)

    def on_mount(self) -> None:
        """Open the tree; end in good order when the terminal or the system asks for it."""
        if not self.is_headless:
            for number in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(number, self.exit)
        self.set_class(self.settings.tui.ascii, "-ascii")
        self.consoles.begin()
        self.push_screen(self.main)
        self.run_worker(self._guarded(tell_interrupted(self)), group="actions", exit_on_error=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """An action's key does something only in its contexts."""
        if action == "perform" and parameters:
            return self.context in BY_ID[str(parameters[0])].contexts
        return True

    def action_perform(self, action_id: str) -> None:
        """The one door of every action: keys, footer, palette and command bar come through here."""
        if action_id not in ("app.quit", "app.quit-now"):
            self.asked_to_quit = False
        work = self._guarded(self.performer.perform(BY_ID[action_id]))
        performing = self.run_worker(work, group="actions", exit_on_error=False)
        if action_id in _MOVE_FOCUS and isinstance(self.screen, TypeAheadScreen):
            self.screen.hold_keys(performing)

    async def ask(self, screen: Screen[Answer]) -> Answer | None:
        """Open a dialog and wait for its result; only inside an action."""
        return await self.push_screen_wait(screen)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """A notice at the corner; never markup."""
        self.notify(clean(text), severity=severity, markup=False)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Show a notice, of a long one the beginning, and keep it for `view.notices`."""
        self.notices.keep(Notice(self.clock.now(), message, severity))
        key = self.keymap.shown("view.notices") or ":notices"
        short = in_corner(message, key, "~" if self.has_class("-ascii") else "…")
        super().notify(short, title=title, severity=severity, timeout=timeout, markup=markup)

    def dismiss_notice(self) -> None:
        """Take the newest notice off the screen, if there is one."""
        shown = list(self._notifications)
        if shown:
            self._unnotify(shown[-1])

    def open_dialog(self, screen: Screen[None]) -> None:
        """Open a dialog nobody waits for."""
        self.push_screen(screen)

    def show_page(self, page: Page, action_id: str) -> None:
        """Show a view instead of the one that is open; `action_id` brings it back."""
        self.last_page = action_id
        if isinstance(self.screen, Page):
            self.switch_screen(page)
        else:
            self.push_screen(page)

    def runs_changed(self) -> None:
        """Have the main screen say what runs."""
        self.main.show_runs(self.lifecycle.runs)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Nothing coloured reaches the terminal with NO_COLOR or in the theme without colours."""
        return [self._colourless] if self.no_color or self.theme == MONO.name else super().get_line_filters()

    @on(ConsolesScreen.Wanted)
    def _perform_wanted(self, wanted: ConsolesScreen.Wanted) -> None:
        self.action_perform(wanted.action_id)

    @on(ConsoleAlerts)
    def _tell_alert(self, alert: ConsoleAlerts) -> None:
        self.consoles.tell(alert)

    @on(CommandAsks)
    def _ask_for_command(self, question: CommandAsks) -> None:
        self.push_screen(question.screen, lambda yes: question.answer.set_result(bool(yes)))

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        """The last resort of every action: what fails is said, what nobody foresaw is also written down."""
        try:
            await work
        except QuarryError as error:
            self.say(error.sentence, severity="error")
        except Exception as error:  # noqa: BLE001 - the one place in the screen that may
            self.say(report_crash(error), severity="error")

    def _handle_exception(self, error: Exception) -> None:
        """A widget broke: leave with one sentence instead of a traceback over the operator's terminal."""
        if self.is_headless:
            super()._handle_exception(error)
        else:
            self.crashed = True
            self.panic(Text(report_crash(error)))
