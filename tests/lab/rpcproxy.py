"""A proxy before libvirtd's socket that counts calls by procedure and can make the way to the container long.

libvirt's RPC is length-prefixed: 4 bytes length, then program, version, procedure, type, serial, status, each 4 bytes
big-endian (https://libvirt.org/kbase/internals/rpc.html).
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import Counter
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

REMOTE_PROGRAM = 0x20008086
GET_ALL_DOMAIN_STATS = 344
LIST_ALL_DOMAINS = 273
DOMAIN_GET_XML_DESC = 14
"""Procedure numbers of libvirt's remote protocol."""


class RpcProxy:
    """Listens on a socket of its own and passes everything on; `calls` counts the client's calls by procedure."""

    def __init__(self, listen: Path, target: Path, *, round_trip_s: float = 0.0) -> None:
        """Start listening.

        Args:
            round_trip_s: Added to every exchange, half on the way there and half on the way back.
        """
        self.calls: Counter[int] = Counter()
        self._target = target
        self._one_way_s = round_trip_s / 2
        self._listen = listen
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(listen))
        self._server.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> RpcProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def uri(self) -> str:
        """libvirt URI of the QEMU driver behind the proxy."""
        return f"qemu+unix:///system?socket={self._listen}"

    def close(self) -> None:
        """Stop listening; connections that are open go on until their client closes."""
        self._server.close()
        with contextlib.suppress(FileNotFoundError):
            self._listen.unlink()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            upstream = socket.socket(socket.AF_UNIX)
            upstream.connect(str(self._target))
            self._pump(client, upstream, count=True)
            self._pump(upstream, client, count=False)

    def _pump(self, source: socket.socket, sink: socket.socket, *, count: bool) -> None:
        """Pass packets on after the one-way time, without holding back the next one behind it."""
        due: SimpleQueue[tuple[float, bytes] | None] = SimpleQueue()

        def read() -> None:
            with contextlib.suppress(OSError):
                while True:
                    head = _exactly(source, 4)
                    packet = _exactly(source, struct.unpack(">I", head)[0] - 4)
                    if count:
                        self._count(packet)
                    due.put((time.monotonic() + self._one_way_s, head + packet))
            due.put(None)

        def write() -> None:
            with contextlib.suppress(OSError):
                while (item := due.get()) is not None:
                    time.sleep(max(0.0, item[0] - time.monotonic()))
                    sink.sendall(item[1])
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_RDWR)

        threading.Thread(target=read, daemon=True).start()
        threading.Thread(target=write, daemon=True).start()

    def _count(self, packet: bytes) -> None:
        program, _, procedure, kind = struct.unpack(">IIII", packet[:16])
        if program == REMOTE_PROGRAM and kind == 0:
            self.calls[procedure] += 1


def _exactly(source: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = source.recv(count - len(parts))
        if not part:
            raise OSError("closed")
        parts += part
    return bytes(parts)
