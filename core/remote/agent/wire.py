"""What both ends of a copy share: frames, the control line, and the signs that the other side is there."""

import hashlib
import json
import os
import socket
import struct
import sys
import threading
import time
from typing import Any, Callable, Tuple

FRAME = struct.Struct(">QI16s")
END = 2**64 - 1
ALIVE = 2**64 - 2
PIECE = 1024 * 1024
STALL_S = 30.0
TOLD_S = 0.5
Range = Tuple[int, int]
SPEAKING = threading.Lock()


class Trouble(Exception):
    """Ends the agent with one sentence."""


class LineBroke(Trouble):
    """Not this container's fault: trying again may help."""


def tell(**values: Any) -> None:
    """One line of control."""
    with SPEAKING:
        sys.stderr.write(json.dumps(values) + "\n")
        sys.stderr.flush()


def keep_telling() -> None:
    """A sign of life now and then, whatever takes so long."""

    def beat() -> None:
        while True:
            time.sleep(5)
            tell(alive=True)

    threading.Thread(target=beat, daemon=True).start()


def digest(data: bytes) -> bytes:
    """Of one frame."""
    return hashlib.blake2b(data, digest_size=16).digest()


def steady(line: socket.socket) -> None:
    """Notice soon when the line is cut."""
    line.settimeout(STALL_S)
    line.setsockopt(socket.IPPROTO_TCP, 18, int(STALL_S / 2 * 1000))  # TCP_USER_TIMEOUT, in milliseconds
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


def exactly(read: Callable[[int], bytes], count: int) -> bytes:
    """So many bytes. Raises LineBroke when there are no more."""
    parts, left = [], count
    while left:
        part = read(min(left, PIECE))
        if not part:
            raise LineBroke("the line broke")
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def end_with_stdin() -> None:
    """When the other side is gone, so is this process."""

    def wait() -> None:
        # Not through sys.stdin: its lock, held by this thread, would end the interpreter in a fatal error.
        while os.read(0, 1):
            pass
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()
