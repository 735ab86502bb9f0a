"""The one libvirt event thread of the process.

libvirt delivers domain events, close callbacks and keepalive replies only while somebody runs its event
implementation, and that implementation must be registered before the first connection is opened. The thread is a
daemon: it never holds up the end of the program, whatever a container does.
"""

from __future__ import annotations

import threading
import time

import libvirt


class _EventLoop:
    """Started at most once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.thread: threading.Thread | None = None

    def ensure(self) -> None:
        with self._lock:
            if self.thread is not None:
                return
            libvirt.registerErrorHandler(_swallow, None)
            libvirt.virEventRegisterDefaultImpl()
            self.thread = threading.Thread(target=_run, name="libvirt-events", daemon=True)
            self.thread.start()


_LOOP = _EventLoop()


def ensure_event_loop() -> None:
    """Start libvirt's default event implementation once per process; further calls do nothing.

    Also silences libvirt's habit of printing every error on stderr, which would tear the screen: errors reach
    callers as exceptions.
    """
    _LOOP.ensure()


def _run() -> None:
    while True:
        try:
            libvirt.virEventRunDefaultImpl()
        except libvirt.libvirtError:
            # One failed round (out of file handles, say) must not end event delivery, nor spin.
            time.sleep(0.1)


def _swallow(context: None, error: tuple[object, ...]) -> None:
    """Take libvirt's error report and print nothing: the same error arrives as an exception."""
