"""A program on a container, or here, with its three streams: what the carrier's agents are talked to through."""

from __future__ import annotations

import contextlib
import socket
import subprocess
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from core.errors import RemoteError

if TYPE_CHECKING:
    import paramiko

SILENCE_S = 60.0
"""An agent that says nothing for so long is taken for lost; it speaks twice a second while it works."""


class RemoteProcess(Protocol):
    """One thread may read `read`, another one `lines`. All but `close` raise RemoteError when the line broke."""

    def write(self, data: bytes) -> None:
        """To its stdin, all of it."""

    def close_input(self) -> None:
        """End of its stdin."""

    def read(self, most: int) -> bytes:
        """From its stdout; empty at the end."""

    def lines(self) -> Iterator[str]:
        """Of its stderr, to the end."""

    def close(self) -> None:
        """Let go: its streams end, and so does it. Never raises."""


class ChannelProcess:
    """Over an SSH channel."""

    def __init__(self, channel: paramiko.Channel, where: str) -> None:
        """Take the channel over; the program runs already."""
        self._channel = channel
        self._where = where
        channel.settimeout(SILENCE_S)

    def write(self, data: bytes) -> None:
        """To its stdin. Raises RemoteError when the line broke."""
        try:
            self._channel.sendall(data)
        except OSError as error:
            raise self._broken(error) from error

    def close_input(self) -> None:
        """End of its stdin."""
        with contextlib.suppress(OSError):
            self._channel.shutdown_write()

    def read(self, most: int) -> bytes:
        """From its stdout."""
        try:
            return self._channel.recv(most)
        except OSError as error:
            raise self._broken(error) from error

    def lines(self) -> Iterator[str]:
        """Of its stderr."""
        rest = b""
        while True:
            try:
                part = self._channel.recv_stderr(65536)
            except OSError as error:
                raise self._broken(error) from error
            if not part:
                break
            *whole, rest = (rest + part).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in whole)
        if rest:
            yield rest.decode("utf-8", "replace")

    def close(self) -> None:
        """Close the channel."""
        with contextlib.suppress(OSError, EOFError):
            self._channel.close()

    def _broken(self, error: OSError) -> RemoteError:
        silent = isinstance(error, socket.timeout)
        why = f"nothing came for {SILENCE_S:.0f} s" if silent else str(error) or "the connection closed"
        return RemoteError(f"lost the line to {self._where}", why, "try again when it is back")


class LocalProcess:
    """On this machine, when the container is the frontend itself."""

    def __init__(self, words: Sequence[str]) -> None:
        """Start it. Raises RemoteError when it cannot be started."""
        try:
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
        except OSError as error:
            raise RemoteError(f"could not start {words[0]}", str(error)) from error

    def write(self, data: bytes) -> None:
        """To its stdin. Raises RemoteError when the program is gone."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
            self._process.stdin.flush()
        except OSError as error:
            raise RemoteError("lost a program on this machine", str(error)) from error

    def close_input(self) -> None:
        """End of its stdin."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()

    def read(self, most: int) -> bytes:
        """From its stdout."""
        assert self._process.stdout is not None
        return self._process.stdout.read1(most)  # type: ignore[attr-defined, no-any-return]

    def lines(self) -> Iterator[str]:
        """Of its stderr."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            yield line.decode("utf-8", "replace").rstrip("\n")

    def close(self) -> None:
        """End it and take its leave."""
        self.close_input()
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()
