"""A receiver trusts neither line, disk nor leftovers: a file gets its name only when all of it is what was sent."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from core.remote.agent.notes import Notes
from core.remote.agent.receiving import verify
from core.remote.agent.wire import END, FRAME, Trouble, digest
from tests.unit.remote.test_agent import start, told

PIECES = (b"first" * 1000, b"second" * 1000)
SIZE = sum(len(one) for one in PIECES)
TOKEN = "0123456789abcdef"


def frames(pieces: Sequence[bytes] = PIECES, *, count: int | None = None, damage: bool = False) -> bytes:
    """What a sender sends of a file that is these pieces."""
    at, out = 0, b""
    for one in pieces:
        out += FRAME.pack(at, len(one), digest(one)) + (one[:-1] + b"?" if damage else one)
        at += len(one)
    return out + FRAME.pack(END, len(pieces) if count is None else count, bytes(16))


def receiver(path: Path, *, identity: str = "this one", **more: Any) -> subprocess.Popen[bytes]:
    return start(
        "receive",
        {"path": str(path), "identity": identity, "size": SIZE, "allocated": SIZE, "owner": [0o600, 0, 0], **more},
    )


def receive(path: Path, content: bytes, **more: Any) -> dict[str, Any]:
    """Everything that a receiver says to this content, after which its line ends."""
    process = receiver(path, **more)
    values: dict[str, Any] = {}
    for line in process.communicate(content, 60)[1].splitlines():
        values |= json.loads(line)
    return values


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "there.img"


def names(path: Path) -> list[str]:
    return sorted(one.name for one in path.parent.iterdir())


def test_all_of_it_becomes_the_file(path: Path) -> None:
    assert receive(path, frames())["complete"] is True
    assert path.read_bytes() == b"".join(PIECES)


def test_a_damaged_frame_is_no_part_of_a_file(path: Path) -> None:
    answer = receive(path, frames(damage=True))
    assert answer["trouble"] == "a frame came damaged" and not path.exists()


def test_a_frame_that_got_lost_is_missed(path: Path) -> None:
    answer = receive(path, frames(count=3))
    assert answer["trouble"] == "3 frames were sent, 2 came" and not path.exists()


def test_after_a_broken_line_only_the_rest_is_asked_for(path: Path) -> None:
    whole = frames()
    first = receive(path, whole[: FRAME.size + len(PIECES[0]) + 10])
    assert first["again"] is True and first["held"] == [] and not path.exists()
    rest = FRAME.pack(len(PIECES[0]), len(PIECES[1]), digest(PIECES[1])) + PIECES[1] + FRAME.pack(END, 1, bytes(16))
    second = receive(path, rest)
    assert second["held"] == [[0, len(PIECES[0])]] and second["complete"] is True
    assert path.read_bytes() == b"".join(PIECES)


def test_what_the_disk_lost_since_is_asked_for_again(path: Path) -> None:
    receive(path, frames()[:-10])
    part = path.with_name(path.name + ".part")
    with part.open("r+b") as stream:
        stream.write(b"lost")
    assert receive(path, b"")["held"] == [[len(PIECES[0]), SIZE]]


def test_leftovers_of_another_file_are_not_gone_on_with(path: Path) -> None:
    receive(path, frames()[:-10], identity="another one")
    answer = receive(path, frames())
    assert answer["held"] == [] and answer["complete"] is True
    assert path.read_bytes() == b"".join(PIECES)


def test_a_file_that_is_not_ours_stays_as_it_is(path: Path) -> None:
    path.write_bytes(b"somebody's")
    answer = receive(path, frames())
    assert answer["trouble"] == f"{path} is there already and is not ours"
    assert path.read_bytes() == b"somebody's" and names(path) == ["there.img"]


def test_a_disk_that_reads_back_something_else_is_noticed(path: Path) -> None:
    path.write_bytes(PIECES[0][:-1] + b"?")
    notes = Notes(str(path), "this one", len(PIECES[0]))
    notes.frames[0] = (len(PIECES[0]), digest(PIECES[0]))
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with pytest.raises(Trouble, match="reads back as something else"):
            verify(descriptor, notes)
    finally:
        os.close(descriptor)


def test_only_who_has_the_token_may_send(path: Path) -> None:
    process = receiver(path, listen=True, token=TOKEN)
    assert process.stderr is not None
    port = int(process.stderr.readline().split(b'"port": ')[1].split(b",")[0])
    with socket.create_connection(("127.0.0.1", port), 60) as stranger:
        stranger.sendall(TOKEN[::-1].encode() + b"\n" + frames())
        stranger.settimeout(60)
        with contextlib.suppress(ConnectionError):
            assert stranger.recv(1) == b""
    assert not path.exists()
    with socket.create_connection(("127.0.0.1", port), 60) as sender:
        sender.sendall(TOKEN.encode() + b"\n" + frames())
    assert told(process)["complete"] is True
    assert path.read_bytes() == b"".join(PIECES)
