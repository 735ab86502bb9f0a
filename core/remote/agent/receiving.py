"""A file's contents from the other side: written, read back and compared before the file gets its name."""

import errno
import fcntl
import hashlib
import hmac
import os
import socket
import sys
import time
from typing import Any, Callable, Dict, List

from core.remote.agent.notes import Notes
from core.remote.agent.wire import (
    ALIVE,
    END,
    FRAME,
    STALL_S,
    TOLD_S,
    Trouble,
    digest,
    end_with_stdin,
    exactly,
    steady,
    tell,
)


def receive(order: Dict[str, Any]) -> None:
    """Take a file in, compare what is on the disk with what was sent, give it its name. Raises Trouble, OSError."""
    path, size = order["path"], int(order["size"])
    os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
    notes = Notes(path, order["identity"], size)
    known = notes.read()
    if known and os.path.exists(notes.part) and os.path.exists(path) and os.path.samefile(notes.part, path):
        os.unlink(notes.part)
    if os.path.lexists(path):
        if known and not os.path.exists(notes.part) and check_whole(path, notes, size):
            tell(complete=True, done=size, already=True)
            return
        raise Trouble(f"{path} is there already and is not ours")
    descriptor = os.open(notes.part, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        lock(descriptor, notes.part)
        if known:
            notes.keep_good(descriptor)
        else:
            os.ftruncate(descriptor, 0)
            notes.start()
        os.ftruncate(descriptor, size)
        room_for(descriptor, int(order["allocated"]) - sum(length for length, _ in notes.frames.values()))
        read = reader(order, notes)
        sum_ = take(descriptor, notes, read)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        verify(descriptor, notes)
        own(descriptor, order["owner"])
        give_name(notes.part, path)
    finally:
        os.close(descriptor)
    tell(complete=True, done=size, sum=sum_)


def lock(descriptor: int, path: str) -> None:
    """One receiver a file: one that was left behind by a broken line may still be there for a moment."""
    give_up_at = time.monotonic() + STALL_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            if time.monotonic() > give_up_at:
                raise Trouble(f"another copy writes {path}") from None
            time.sleep(0.2)


def room_for(descriptor: int, needed: int) -> None:
    """Better before than in the middle. Raises OSError (no space)."""
    status = os.fstatvfs(descriptor)
    free = status.f_bavail * status.f_frsize
    if needed > free:
        raise OSError(errno.ENOSPC, f"needs {needed // 10**6} MB, has {free // 10**6} MB free")


def reader(order: Dict[str, Any], notes: Notes) -> Callable[[int], bytes]:
    """From a sender that connects here, or from stdin; says what is here already."""
    if not order.get("listen"):
        tell(held=notes.ranges())
        source = sys.stdin.buffer
        return lambda count: exactly(source.read, count)
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    server.bind(("0.0.0.0", 0))
    server.listen(4)
    server.settimeout(STALL_S)
    here = os.environ.get("SSH_CONNECTION", "").split()
    tell(held=notes.ranges(), port=server.getsockname()[1], addresses=here[2:3])
    end_with_stdin()
    token = order["token"].encode("ascii")
    while True:
        line, _ = server.accept()
        steady(line)
        given = exactly(line.recv, len(token) + 1)
        if hmac.compare_digest(given[:-1], token):
            server.close()
            return lambda count: exactly(line.recv, count)
        line.close()


def take(descriptor: int, notes: Notes, read: Callable[[int], bytes]) -> str:
    """Frames until the end; answers the sum of their heads, which the sender has told over a line of its own."""
    count = 0
    whole = hashlib.blake2b(digest_size=16)
    done = sum(length for length, _ in notes.frames.values())
    told = time.monotonic()
    with open(notes.path, "a", encoding="ascii", buffering=1) as stream:
        while True:
            head = read(FRAME.size)
            at, length, sum_ = FRAME.unpack(head)
            if at == END:
                if length != count:
                    raise Trouble(f"{length} frames were sent, {count} came")
                return whole.hexdigest()
            if at != ALIVE:
                data = read(length)
                if digest(data) != sum_:
                    raise Trouble("a frame came damaged")
                whole.update(head)
                write_at(descriptor, data, at)
                done += length - notes.frames.get(at, (0, b""))[0]
                notes.frames[at] = (length, sum_)
                stream.write(f"{at} {length} {sum_.hex()}\n")
                count += 1
            if time.monotonic() - told >= TOLD_S:
                told = time.monotonic()
                tell(done=done)


def write_at(descriptor: int, data: bytes, at: int) -> None:
    """All of it."""
    view = memoryview(data)
    while view:
        wrote = os.pwrite(descriptor, view, at)
        view, at = view[wrote:], at + wrote


def verify(descriptor: int, notes: Notes) -> None:
    """Read everything back and compare it. Raises Trouble for what is not as it was sent."""
    told = time.monotonic()
    for at in sorted(notes.frames):
        length, sum_ = notes.frames[at]
        if digest(os.pread(descriptor, length, at)) != sum_:
            raise Trouble(f"what was written at {at} reads back as something else: is the disk failing?")
        if time.monotonic() - told >= TOLD_S:
            told = time.monotonic()
            tell(checking=at)


def check_whole(path: str, notes: Notes, size: int) -> bool:
    """Whether a file under its final name is the copy that the notes are about, complete."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if os.fstat(descriptor).st_size != size:
            return False
        return all(digest(os.pread(descriptor, length, at)) == sum_ for at, (length, sum_) in notes.frames.items())
    finally:
        os.close(descriptor)


def own(descriptor: int, owner: List[int]) -> None:
    """Mode and owner as on the source, as far as this account may."""
    os.fchmod(descriptor, owner[0])
    if os.geteuid() == 0:
        os.fchown(descriptor, owner[1], owner[2])


def give_name(part: str, path: str) -> None:
    """Never over another file."""
    os.link(part, path)
    os.unlink(part)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
