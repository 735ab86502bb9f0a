"""One libvirt connection: opened within a bounded time, used through bounded lanes, closed without waiting.

Handles stay inside the functions that `Link.call` runs. A connection is never closed under a call that is still under
way: the last reference closes it, and for an SSH transport ending its ``ssh`` breaks the call off first.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import TypeVar

import libvirt

from core.errors import ContainerUnreachable, HypervisorError
from core.hypervisor.api import EventSink
from core.hypervisor.calls import THREADS, CallTimedOut, Lane
from core.hypervisor.eventloop import ensure_event_loop
from core.hypervisor.events import EventSubscription
from core.hypervisor.launcher import SshLauncher, ssh_options
from core.hypervisor.model import ContainerName
from core.hypervisor.translate import translating
from core.hypervisor.uri import ContainerUri
from core.settings import ContainerSettings

T = TypeVar("T")

ClosedSink = Callable[[str], None]
"""Told once when an open connection broke, with the reason. May only queue: it can run on the event thread."""

_CLOSE_REASONS = {
    libvirt.VIR_CONNECT_CLOSE_REASON_ERROR: "the connection broke",
    libvirt.VIR_CONNECT_CLOSE_REASON_EOF: "the container closed the connection",
    libvirt.VIR_CONNECT_CLOSE_REASON_KEEPALIVE: "the container no longer answers",
    libvirt.VIR_CONNECT_CLOSE_REASON_CLIENT: "closed",
}

_CLOSE_WAIT_S = 1.0


class Purpose(Enum):
    """Which lane a call takes: looks never wait behind a long save, and neither can pile up."""

    LOOK = 2
    ACT = 4


class _Session:
    """What belongs to one successful open, given up together."""

    def __init__(self, connection: libvirt.virConnect, launcher: SshLauncher | None) -> None:
        self.connection = connection
        self.launcher = launcher
        self.subscription: EventSubscription | None = None
        self.watched = False

    def is_alive(self) -> bool:
        """What libvirt knows of the connection, without asking the container."""
        try:
            return self.connection.isAlive() == 1
        except libvirt.libvirtError:
            return False

    def release(self) -> None:
        """Deregister callbacks, which hold references, and let go. May block on a hung container."""
        if self.subscription is not None:
            self.subscription.cancel()
        if self.watched:
            with contextlib.suppress(libvirt.libvirtError):
                self.connection.unregisterCloseCallback()
        if self.launcher is not None:
            self.launcher.remove()


class Link:
    """The connection to one container. Safe to use from any thread."""

    def __init__(
        self,
        container: ContainerName,
        uri: ContainerUri,
        settings: ContainerSettings,
        on_event: EventSink | None,
        on_closed: ClosedSink | None,
    ) -> None:
        self._container = container
        self._uri = uri
        self._settings = settings
        self._on_event = on_event
        self._on_closed = on_closed
        self._lock = threading.Lock()
        self._session: _Session | None = None
        self._generation = 0
        self._starting: set[SshLauncher] = set()
        self._opening = Lane(1)
        self._lanes = {purpose: Lane(purpose.value) for purpose in Purpose}
        self.why_closed = "not connected"

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that is not known to be broken."""
        return self._session is not None

    def open(self) -> None:
        """Connect, once, within ``connect_timeout_s``; nothing to do when open.

        Raises:
            ContainerUnreachable: Refused, timed out, wrong key, bad URI.
        """
        if self.is_open:
            return
        what = f"could not connect to {self._container}"
        ensure_event_loop()
        launcher = self._launcher(what)
        generation = self._generation
        try:
            self._opening.run("connecting", lambda: self._open_now(generation, launcher, what), self._deadline())
        except CallTimedOut as timeout:
            with self._lock:
                self._generation += 1
            if launcher is not None:
                launcher.end()
            why = f"no answer within {timeout.waited_s:.0f} s"
            raise ContainerUnreachable(
                self._container, what, why, "check that the container is up; is its libvirtd stuck?"
            ) from None

    def close(self, why: str = "closed") -> None:
        """Let the connection go, waiting a second at most. Never raises."""
        with self._lock:
            session, self._session = self._session, None
            self._generation += 1
            self.why_closed = why
            starting = tuple(self._starting)
        for launcher in starting:
            launcher.end()
        if session is None:
            return
        released = threading.Event()

        def release() -> None:
            session.release()
            released.set()

        THREADS.start(release)
        if not released.wait(_CLOSE_WAIT_S) and session.launcher is not None:
            session.launcher.end()

    def borrow(self, what: str) -> libvirt.virConnect:
        """The connection itself, for a call on another one. Raises ContainerUnreachable when there is none."""
        session = self._session
        if session is None:
            raise ContainerUnreachable(self._container, what, self.why_closed, "try again when it is back")
        return session.connection

    def call(
        self,
        what: str,
        function: Callable[[libvirt.virConnect], T],
        *,
        purpose: Purpose = Purpose.LOOK,
        deadline_s: float | None,
    ) -> T:
        """Run `function` with the connection in a borrowed thread.

        Args:
            what: The clause of an error: "could not list the domains of vm-container-0-0".
            deadline_s: Seconds to wait for a turn and the answer; None as long as it takes.

        Raises:
            HypervisorError: libvirt's error, translated; ContainerUnreachable when not connected or out of time.
        """
        session = self._session
        if session is None:
            raise ContainerUnreachable(self._container, what, self.why_closed, "it is tried again by itself")
        try:
            with translating(self._container, what):
                return self._lanes[purpose].run(what, lambda: function(session.connection), deadline_s)
        except CallTimedOut as timeout:
            raise ContainerUnreachable(
                self._container, what, _hung(timeout), "check the container; its libvirtd may be stuck"
            ) from None
        except ContainerUnreachable as error:
            if not session.is_alive():
                self._broken(session, error.why)
            raise

    def _deadline(self) -> float:
        return max(0.1, self._settings.connect_timeout_s)

    def _launcher(self, what: str) -> SshLauncher | None:
        if not self._uri.uses_ssh:
            return None
        parameters = self._uri.parameters
        options = ssh_options(
            self._settings,
            known_hosts=parameters.get("known_hosts", ""),
            keyfile=parameters.get("keyfile", ""),
        )
        try:
            return SshLauncher(options)
        except OSError as error:
            raise ContainerUnreachable(
                self._container, what, f"cannot prepare ssh: {error}", "set XDG_RUNTIME_DIR to a private folder"
            ) from error

    def _open_now(self, generation: int, launcher: SshLauncher | None, what: str) -> None:
        address = self._uri.for_libvirt(
            launcher=str(launcher.path) if launcher else "",
            keyfile=self._settings.keyfile,
            known_hosts=self._settings.known_hosts,
        )
        self._check_host_file(what)
        self._note_start(launcher)
        try:
            with translating(self._container, what, connecting=True):
                session = _Session(libvirt.open(address), launcher)
                self._set_up(session)
        except HypervisorError:
            if launcher is not None:
                launcher.remove()
            raise
        finally:
            self._note_start(launcher, ended=True)
        with self._lock:
            if generation == self._generation and self._session is None:
                self._session = session
                return
        session.release()

    def _note_start(self, launcher: SshLauncher | None, *, ended: bool = False) -> None:
        """Remember the ssh of an attempt under way, so that `close` can end it."""
        if launcher is None:
            return
        with self._lock:
            if ended:
                self._starting.discard(launcher)
            else:
                self._starting.add(launcher)

    def _check_host_file(self, what: str) -> None:
        """A missing file of the test driver is refused here: libvirt's XML parser would write on stderr."""
        path = self._uri.path
        if self._uri.driver == "test" and path != "/default" and not Path(path).is_file():
            raise ContainerUnreachable(
                self._container, what, f"no file {path}", "correct the container's uri attribute"
            )

    def _set_up(self, session: _Session) -> None:
        connection = session.connection
        # The test driver knows neither keepalive nor a server that could close the connection.
        with contextlib.suppress(libvirt.libvirtError):
            connection.setKeepAlive(self._settings.keepalive_s, self._settings.keepalive_count)
        with contextlib.suppress(libvirt.libvirtError):
            connection.registerCloseCallback(self._closed_by_libvirt, session)
            session.watched = True
        if self._on_event is not None:
            session.subscription = EventSubscription(connection, self._container, self._on_event)

    def _closed_by_libvirt(self, connection: libvirt.virConnect, reason: int, session: _Session) -> None:
        self._broken(session, _CLOSE_REASONS.get(reason, "the connection broke"))

    def _broken(self, session: _Session, why: str) -> None:
        """Note that an open connection broke and tell the owner, once."""
        with self._lock:
            if self._session is not session:
                return
            self._session = None
            self.why_closed = why
        THREADS.start(session.release)
        if self._on_closed is not None:
            self._on_closed(why)


def _hung(timeout: CallTimedOut) -> str:
    oldest = timeout.under_way[0] if timeout.under_way else None
    if oldest is None:
        return f"no answer after {timeout.waited_s:.0f} s"
    return f"no answer after {timeout.waited_s:.0f} s, and a call has been under way for {oldest[1]:.0f} s"
