"""Runs on containers, sent there as text by `core.remote.carrier`: looks at files, sends and receives them.

Only Python's own library, 3.6 or newer. Control goes to stderr, one JSON object a line; file contents go over a
socket or over stdin and stdout. When stdin ends the other side is gone, and this process ends.

A stream is frames: offset (8 bytes), length (4), digest (16), data. A receiver writes what it got into ``PATH.part``
and notes it in ``PATH.quarry-copy``; the file appears under its name only when all of it was read back and compared.
"""

import errno
import fcntl
import hashlib
import hmac
import json
import os
import socket
import stat
import struct
import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

FRAME = struct.Struct(">QI16s")
END = 2**64 - 1
ALIVE = 2**64 - 2
PIECE = 1024 * 1024
BLOCK = 64 * 1024
ZEROS = bytes(BLOCK)
STALL_S = 30.0
TOLD_S = 0.5
FILE_SYSTEMS = frozenset(
    "ext2 ext3 ext4 xfs btrfs zfs jfs reiserfs f2fs bcachefs gfs2 ocfs2 overlay".split()  # noqa: SIM905
)
NOT_FOR_IMAGES = ("/boot", "/proc", "/sys", "/dev", "/run", "/snap")

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


def look(order: Dict[str, Any]) -> None:
    """Largest file system, network devices, files."""
    mount, free = largest()
    files = {}
    for path in order["paths"]:
        facts = facts_of(path)
        if facts is not None:
            files[path] = facts
    try:
        devices = sorted(os.listdir("/sys/class/net"))
    except OSError:
        devices = None
    tell(mount=mount, free_bytes=free, devices=devices, files=files)


def largest() -> Tuple[str, int]:
    """The largest file system that may hold images."""
    best, found = -1, ("", 0)
    with open("/proc/mounts", encoding="utf-8", errors="surrogateescape") as stream:
        lines = stream.read().splitlines()
    for line in lines:
        _, mount, kind, options = line.split(" ")[:4]
        mount = mount.replace("\\040", " ")
        under = any(mount == one or mount.startswith(one + "/") for one in NOT_FOR_IMAGES)
        if kind not in FILE_SYSTEMS or under or "ro" in options.split(","):
            continue
        try:
            status = os.statvfs(mount)
        except OSError:
            continue
        if status.f_blocks * status.f_frsize > best:
            best = status.f_blocks * status.f_frsize
            found = (mount, status.f_bavail * status.f_frsize)
    return found


def identity_of(status: os.stat_result) -> str:
    """Changes with every write; the same through every mount of one file."""
    return f"{status.st_ino}.{status.st_size}.{status.st_mtime_ns}.{status.st_ctime_ns}"


def facts_of(path: str) -> Optional[Dict[str, Any]]:
    """What is known of a file; None when it is not there."""
    try:
        status = os.stat(path)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise
    if stat.S_ISBLK(status.st_mode):
        return facts(status, f"{status.st_rdev}", "block", "")
    if not stat.S_ISREG(status.st_mode):
        raise Trouble(f"{path} is no file")
    with open(path, "rb") as stream:
        head = stream.read(1024)
        kind = "qcow2" if head[:4] == b"QFI\xfb" else "raw"
        backing = ""
        if kind == "qcow2":
            offset, size = struct.unpack(">QI", head[8:20])
            stream.seek(offset)
            backing = stream.read(size).decode("utf-8", "replace") if offset else ""
    return facts(status, identity_of(status), kind, backing)


def facts(status: os.stat_result, identity: str, kind: str, backing: str) -> Dict[str, Any]:
    """As `core.operations.carrier.FileFacts`."""
    return {
        "size_bytes": status.st_size,
        "allocated_bytes": min(status.st_blocks * 512, status.st_size),
        "identity": identity,
        "image_format": kind,
        "backing": backing,
        "written_at_s": status.st_mtime,
        "owner": [status.st_mode & 0o777, status.st_uid, status.st_gid],
    }


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
    """Send what is allocated and not held over there yet."""
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
    """The first address that answers."""
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


def steady(line: socket.socket) -> None:
    """Notice soon when the line is cut."""
    line.settimeout(STALL_S)
    line.setsockopt(socket.IPPROTO_TCP, 18, int(STALL_S / 2 * 1000))  # TCP_USER_TIMEOUT, in milliseconds
    line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)


class Notes:
    """What a receiver has: ``offset length digest`` a line, after a head with the source's identity and size."""

    def __init__(self, path: str, identity: str, size: int) -> None:
        self.path = path + ".quarry-copy"
        self.part = path + ".part"
        self.head = json.dumps({"identity": identity, "size": size})
        self.frames = {}  # type: Dict[int, Tuple[int, bytes]]

    def read(self) -> bool:
        """Take in the notes of an earlier attempt; False when there are none of this source."""
        try:
            with open(self.path, encoding="ascii") as stream:
                lines = stream.read().split("\n")
        except OSError:
            return False
        if lines[0] != self.head:
            return False
        for line in lines[1:-1]:
            parts = line.split()
            if len(parts) == 3:
                self.frames[int(parts[0])] = (int(parts[1]), bytes.fromhex(parts[2]))
        return True

    def start(self) -> None:
        """Begin anew."""
        self.frames = {}
        with open(self.path, "w", encoding="ascii") as stream:
            stream.write(self.head + "\n")

    def keep_good(self, descriptor: int) -> None:
        """Forget frames that are not on the disk as they were noted."""
        bad = [at for at, (length, sum_) in self.frames.items() if digest(os.pread(descriptor, length, at)) != sum_]
        for at in bad:
            del self.frames[at]

    def ranges(self) -> List[Range]:
        """What is there, joined."""
        found = []  # type: List[Range]
        for at in sorted(self.frames):
            end = at + self.frames[at][0]
            if found and found[-1][1] == at:
                found[-1] = (found[-1][0], end)
            else:
                found.append((at, end))
        return found


def receive(order: Dict[str, Any]) -> None:
    """Take a file in, compare what is on the disk with what was sent, give it its name."""
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
    """Better before than in the middle."""
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


def exactly(read: Callable[[int], bytes], count: int) -> bytes:
    """So many bytes."""
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
        while sys.stdin.buffer.read(1):
            pass
        os._exit(3)

    threading.Thread(target=wait, daemon=True).start()


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
    """Read everything back and compare it."""
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


def remove(order: Dict[str, Any]) -> None:
    """Delete a file, or only what `receive` made of it, or only the notes."""
    path, what = order["path"], order["what"]
    ours = os.path.exists(path + ".quarry-copy")
    names = [path + ".part", path + ".quarry-copy"]
    if what == "file" or (what == "copy" and ours):
        names.insert(0, path)
    if what == "notes":
        names = [path + ".quarry-copy"]
    for name in names:
        try:
            os.unlink(name)
        except FileNotFoundError:
            continue
    tell(complete=True)


def main() -> int:
    """``agent VERB``, with the order as one line of JSON on stdin."""
    verbs = {"look": look, "send": send, "receive": receive, "remove": remove}
    try:
        order = json.loads(sys.stdin.buffer.readline().decode("utf-8"))
        keep_telling()
        verbs[sys.argv[1]](order)
    except Trouble as trouble:
        tell(trouble=str(trouble), again=isinstance(trouble, LineBroke))
        return 1
    except (socket.timeout, BrokenPipeError, ConnectionError):
        tell(trouble="the line broke", again=True)
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        broken = error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ETIMEDOUT, errno.ENETDOWN)
        tell(trouble=f"{name}{error.strerror or error}", number=error.errno, again=broken)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
