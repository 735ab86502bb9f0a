"""Every console this Quarry has open, shown in a pane or only watched for what the machine says while it boots.

One session a machine: a pane that opens on a watched console finds everything said since the watch began. Public
methods may be called from any thread; `open` and `watch` may wait for the store.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from core.console.keys import escape_code
from core.console.line import Opener
from core.console.session import ConsoleSession
from core.console.watch import BootWatch, Stage
from core.errors import SettingsError
from core.outcome import Refused
from core.settings import ConsoleSettings

AlertSubscriber = Callable[[str, Stage], None]
"""Called from a session's thread with the machine's name and what it said: may only queue."""


class ConsoleDesk:
    """See the module."""

    def __init__(
        self,
        opener_for: Callable[[str], Opener | Refused],
        settings: ConsoleSettings,
        on_stage: Callable[[str, str], None] = lambda name, stage: None,
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            opener_for: How a machine's console is opened; may read the store.
            on_stage: Told a machine's name and boot stage, empty when it is off or no longer looked at. Called from
                any thread.

        Raises:
            SettingsError: A boot pattern or the escape key in the settings cannot be used.
        """
        BootWatch(settings.patterns)
        if escape_code(settings.escape) is None:
            raise SettingsError(
                f'console.escape must be a control character such as ctrl+], not "{settings.escape}"',
                remedy="write ctrl+ and a letter or one of ] \\ ^ _",
            )
        self._opener_for = opener_for
        self._settings = settings
        self._on_stage = on_stage
        self._lock = threading.Lock()
        self._sessions: dict[str, ConsoleSession] = {}
        self._shown: set[str] = set()
        self._watched: set[str] = set()
        self._alerted: tuple[AlertSubscriber, ...] = ()
        self._closed = False

    @property
    def watched(self) -> frozenset[str]:
        """Machines that are watched."""
        return frozenset(self._watched)

    @property
    def shown(self) -> frozenset[str]:
        """Machines whose console is open in a pane."""
        return frozenset(self._shown)

    def subscribe(self, callback: AlertSubscriber) -> Callable[[], None]:
        """Have `callback` called when a console says something an operator must know; returns what ends it."""
        with self._lock:
            self._alerted = (*self._alerted, callback)

        def unsubscribe() -> None:
            with self._lock:
                self._alerted = tuple(one for one in self._alerted if one is not callback)

        return unsubscribe

    def open(self, name: str) -> ConsoleSession | Refused:
        """The session of a machine for a pane, opened when it is not; `release` gives it back.

        Raises:
            StoreError: The machine's attributes cannot be read.
        """
        return self._take(name, self._shown)

    def release(self, name: str) -> None:
        """The pane is gone; the console closes unless it is watched."""
        self._drop(name, self._shown)

    def watch(self, name: str) -> ConsoleSession | Refused:
        """Keep a machine's console open without a pane, for its boot stage and alerts.

        Raises:
            StoreError: The machine's attributes cannot be read.
        """
        most = self._settings.watch_most
        if name not in self._watched and len(self._watched) >= most:
            return Refused(f"{most} consoles are watched already: stop watching one, or raise console.watch_most")
        return self._take(name, self._watched)

    def unwatch(self, name: str) -> None:
        """Watch no longer; the console closes unless a pane shows it."""
        self._drop(name, self._watched)

    def close(self, timeout_s: float = 2.0) -> None:
        """Hang up everywhere; waits at most `timeout_s` in all."""
        with self._lock:
            self._closed = True
            sessions = list(self._sessions.values())
            self._sessions.clear()
            self._alerted = ()
        deadline = time.monotonic() + timeout_s
        for session in sessions:
            session.close()
        for session in sessions:
            session.close(max(0.0, deadline - time.monotonic()))

    def _take(self, name: str, holders: set[str]) -> ConsoleSession | Refused:
        with self._lock:
            session = self._sessions.get(name)
            if session is not None:
                holders.add(name)
                return session
        opener = self._opener_for(name)
        if isinstance(opener, Refused):
            return opener
        settings = self._settings
        made = ConsoleSession(
            name,
            opener,
            scrollback=settings.scrollback,
            history_bytes=settings.history_kib * 1024,
            watch=BootWatch(settings.patterns),
            on_stage=lambda stage: self._on_stage(name, stage.text if stage else ""),
            on_alert=partial(self._alert, name),
        )
        with self._lock:
            if self._closed:
                return Refused("Quarry is closing")
            session = self._sessions.setdefault(name, made)
            holders.add(name)
        session.start()
        return session

    def _drop(self, name: str, holders: set[str]) -> None:
        with self._lock:
            holders.discard(name)
            if name in self._shown or name in self._watched:
                return
            session = self._sessions.pop(name, None)
        if session is not None:
            session.close()
            self._on_stage(name, "")

    def _alert(self, name: str, stage: Stage) -> None:
        for subscriber in self._alerted:
            subscriber(name, stage)
