"""A file's contents to the other side: only what is allocated, not zero, and not there yet."""

import errno
import hashlib
import os
import socket
import sys
import time
from typing import Any, Callable, Dict, Iterator, List, Tuple

from core.remote.agent.facts import identity_of
from core.remote.agent.wire import (
    ALIVE,
    END,
    FRAME,
    PIECE,
    TOLD_S,
    Range,
    Trouble,
    digest,
    end_with_stdin,
    steady,
    tell,
)

BLOCK = 64 * 1024
ZEROS = bytes(BLOCK)


def extents(descriptor: int, size: int) -> Iterator[Range]:
    """Where data is, holes left out."""
    at = 0
    while at < size:
        try:
            start = os.lseek(descriptor, at, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            raise
        at = os.lseek(descriptor, start, os.SEEK_HOLE)
        yield start, at


def pieces(descriptor: int, size: int) -> Iterator[Range]:
    """Extents in pieces of a frame at most, at the same places every time."""
    for start, end in extents(descriptor, size):
        while start < end:
            stop = min(end, (start // PIECE + 1) * PIECE)
            yield start, stop
            start = stop


def runs(data: bytes) -> Iterator[Range]:
    """The parts of a piece that are not zeros."""
    start = -1
    for at in range(0, len(data), BLOCK):
        left = len(data) - at
        zero = data.startswith(ZEROS if left >= BLOCK else ZEROS[:left], at)
        if zero and start >= 0:
            yield start, at
            start = -1
        elif not zero and start < 0:
            start = at
    if start >= 0:
        yield start, len(data)


class Pace:
    """Keeps a rate, and tells from time to time how far it is."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.begun = self.told = time.monotonic()
        self.sent = 0

    def add(self, count: int, done: int) -> None:
        """So many bytes more."""
        self.sent += count
        now = time.monotonic()
        if self.limit:
            ahead = self.sent / self.limit - (now - self.begun)
            if ahead > 0:
                time.sleep(ahead)
        if now - self.told >= TOLD_S:
            self.told = now
            tell(done=done, sent=self.sent)


def send(order: Dict[str, Any]) -> None:
    """Send what is allocated and not held over there yet. Raises Trouble when the file changed meanwhile, OSError."""
    path, identity = order["path"], order["identity"]
    end_with_stdin()
    write, close = writer(order)
    held = sorted((start, end) for start, end in order["held"])
    pace = Pace(int(order.get("limit_bytes_s") or 0))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        size = os.fstat(descriptor).st_size
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_SEQUENTIAL)
        count = done = 0
        whole = hashlib.blake2b(digest_size=16)
        quiet_since = time.monotonic()
        for start, end in pieces(descriptor, size):
            done += end - start
            if covered(held, start, end):
                continue
            data = os.pread(descriptor, end - start, start)
            if len(data) != end - start:
                raise Trouble(f"{path} became shorter while it was sent")
            for low, high in runs(data):
                part = data[low:high]
                head = FRAME.pack(start + low, len(part), digest(part))
                whole.update(head)
                write(head + part)
                count += 1
                quiet_since = time.monotonic()
                pace.add(len(part) + FRAME.size, done)
            if time.monotonic() - quiet_since > 5:
                write(FRAME.pack(ALIVE, 0, bytes(16)))
                quiet_since = time.monotonic()
                pace.add(FRAME.size, done)
        if identity_of(os.fstat(descriptor)) != identity:
            raise Trouble(f"{path} was written while it was sent: something still uses it")
        write(FRAME.pack(END, count, bytes(16)))
        close()
    finally:
        os.close(descriptor)
    tell(sent=pace.sent, complete=True, sum=whole.hexdigest())


def covered(held: List[Range], start: int, end: int) -> bool:
    """Whether a piece is within what the receiver has; pieces are where they were the last time."""
    low, high = 0, len(held)
    while low < high:
        middle = (low + high) // 2
        if held[middle][0] <= start:
            low = middle + 1
        else:
            high = middle
    return low > 0 and end <= held[low - 1][1]


def writer(order: Dict[str, Any]) -> Tuple[Callable[[bytes], None], Callable[[], None]]:
    """To the receiver's socket, or to stdout."""
    if not order.get("addresses"):
        out = sys.stdout.buffer
        return lambda data: none(out.write(data)), out.flush
    line = connect(order["addresses"], int(order["port"]))
    line.sendall(order["token"].encode("ascii") + b"\n")

    def close() -> None:
        line.shutdown(socket.SHUT_WR)
        line.close()

    return line.sendall, close


def none(_: object) -> None:
    """For lambdas."""


def connect(addresses: List[str], port: int) -> socket.socket:
    """The first address that answers. Raises Trouble when none does."""
    last = "no address"
    for address in addresses:
        try:
            line = socket.create_connection((address, port), 5.0)
        except OSError as error:
            last = f"{address}: {error}"
            continue
        steady(line)
        return line
    tell(unreachable=last)
    raise Trouble(f"cannot reach the other container: {last}")
