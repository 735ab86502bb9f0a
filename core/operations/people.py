"""Who is at this keyboard, who else has Quarry open, and what they are doing."""

from __future__ import annotations

import logging
import os
import pwd
import socket
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import StoreError
from core.store.records import LockRecord, SessionRecord

if TYPE_CHECKING:
    from core.store.store import Store

log = logging.getLogger(__name__)

BEAT_S = 20.0
"""Seconds between two signs of life of a session."""

SILENT_S = 60.0
"""A session not heard of for so long is gone."""


def who_am_i(environment: Mapping[str, str] | None = None) -> str:
    """The operator's login name: of the one behind sudo, else the user's own.

    ``SUDO_USER`` counts only for root: anybody may set it.
    """
    given = os.environ if environment is None else environment
    if os.getuid() == 0 and given.get("SUDO_USER"):
        return given["SUDO_USER"]
    for name in ("LOGNAME", "USER"):
        if given.get(name):
            return given[name]
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


@dataclass(frozen=True, slots=True)
class Company:
    """The others.

    Attributes:
        sessions: Other Quarrys with a sign of life, oldest first.
        at_work: VMs held by anybody, this session too, in order of taking.
    """

    sessions: tuple[SessionRecord, ...]
    at_work: tuple[LockRecord, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Who else is here, each once."""
        return tuple(dict.fromkeys(one.who for one in self.sessions))


class Presence:
    """This operator's session in the store, kept alive by a thread of its own until `close`."""

    def __init__(self, store: Store, who: str, beat_s: float = BEAT_S) -> None:
        self._store = store
        self._who = who
        self._beat_s = beat_s
        self._session: int | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Begin. A store that cannot be written costs the announcement only."""
        self._thread.start()

    def close(self) -> None:
        """Say good-bye, in bounded time."""
        self._over.set()
        if self._thread.is_alive():
            self._thread.join(1.0)

    def others(self, within_s: float = SILENT_S) -> Company:
        """Who else is here and what runs. Raises StoreError."""
        with self._store.reading() as rows:
            sessions = tuple(one for one in rows.sessions.alive(within_s) if one.id != self._session)
            return Company(sessions, tuple(rows.locks.all()))

    def _run(self) -> None:
        while True:
            self._beat()
            if self._over.wait(self._beat_s):
                self._leave()
                return

    def _beat(self) -> None:
        try:
            with self._store.begin(counts=False) as rows:
                if self._session is None or not rows.sessions.beat(self._session):
                    rows.sessions.forget_silent(SILENT_S * 10)
                    self._session = rows.sessions.start(
                        who=self._who, host=socket.gethostname(), tty=_terminal(), pid=os.getpid()
                    )
        except StoreError as error:
            log.info("not announced: %s", error.sentence)

    def _leave(self) -> None:
        if self._session is None:
            return
        try:
            with self._store.begin(counts=False) as rows:
                rows.sessions.end(self._session)
        except StoreError as error:
            log.info("left without a word: %s", error.sentence)


def _terminal() -> str:
    try:
        return os.ttyname(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):
        return ""
