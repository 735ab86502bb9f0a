"""What a hostile or broken guest sends costs bounded time and memory, and leaves as nothing but cells."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.console.cells import row_text
from core.console.emulator import GhosttyEmulator
from core.console.watch import BootWatch

MIB = 1024 * 1024
NOISE = random.Random(4).randbytes(MIB)
LINES = b"[   12.345678] a line of kernel talk that means nothing to anybody at all\r\n" * (MIB // 75)

FLOODS = {
    "text": [LINES] * 100,
    "noise": [NOISE] * 8,
    "endless title": [b"\x1b]0;", *[b"a" * MIB] * 100],
    "endless device control string": [b"\x1bP", *[b"q" * MIB] * 16],
    "endless application command": [b"\x1b_G", *[b"A" * MIB] * 100],
    "endless parameters": [b"\x1b[", *[b"1;" * (MIB // 2)] * 100],
    "bells": [b"\x07" * MIB] * 100,
    "bytes that are no UTF-8": [b"\xff\xfe\xc3\xe0\x80" * (MIB // 5)] * 8,
    "one line without an end": [b"x" * MIB] * 50,
    "links": [b"".join(b"\x1b]8;;http://x/%d\x07y" % number for number in range(40_000))] * 5,
    "colours": [b"".join(b"\x1b[38;2;%d;%d;7mX" % (n & 255, n >> 8 & 255) for n in range(60_000))] * 8,
    "accents": [b"a" + "\u0301".encode() * (MIB // 2)] * 8,
    "huge numbers": [b"\x1b[4294967295b\x1b[99999999999S\x1b[2147483647L\x1b[999999999;999999999H"] * 5000,
}


def resident_mib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // MIB


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_costs_neither_memory_nor_the_terminal(flood: str) -> None:
    emulator = GhosttyEmulator(80, 24, scrollback=10_000)
    before = resident_mib()
    longest = 0.0
    for piece in FLOODS[flood]:
        began = time.thread_time()
        emulator.feed(piece)
        longest = max(longest, time.thread_time() - began)
    assert resident_mib() - before < 100
    assert longest < 5.0, "one piece must not cost this much processor time"
    emulator.feed(b"\x1b\\\x18\x1bc" + b"still here")
    assert row_text(emulator.frame(everything=True).changed[0]) == "still here"
    emulator.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200) | st.text(max_size=80).map(str.encode), max_size=8), st.integers(2, 140))
def test_whatever_comes_rows_are_as_wide_as_they_say(pieces: list[bytes], columns: int) -> None:
    emulator = GhosttyEmulator(columns, 6, scrollback=50)
    for piece in pieces:
        emulator.feed(piece)
        frame = emulator.frame(everything=True)
        for row in frame.changed.values():
            assert sum(run.cells for run in row) <= frame.columns
            assert "\x1b" not in row_text(row) and "\x07" not in row_text(row)
    emulator.close()


@given(st.binary(max_size=300))
def test_answers_to_a_guest_are_only_reports(said: bytes) -> None:
    """A guest must not be able to type: nothing it sent comes back, and no answer has a line end in it."""
    emulator = GhosttyEmulator(40, 5)
    answer = emulator.feed(b"\x1b]0;rm -rf /\x07\x1b[21t\x1bP$qm\x1b\\\x05" + said)
    assert b"rm -rf" not in answer
    assert b"\r" not in answer and b"\n" not in answer
    emulator.close()


@pytest.mark.parametrize(
    "said",
    [
        b"Installing " * 1500,
        b"Installing 1" + b"1" * 16_000,
        b"a" * 16_384,
        b"\x1b]" * 8_000,
        b"\x1b[" + b"1;" * 8_000,
        (b"x" * 500 + b" login") * 32,
        NOISE[:16_384],
    ],
    ids=["words", "number", "letters", "operating system commands", "parameters", "logins", "noise"],
)
def test_no_text_makes_the_boot_watch_slow(said: bytes) -> None:
    watch = BootWatch()
    began = time.thread_time()
    for _ in range(20):
        watch.feed(said)
    assert time.thread_time() - began < 4.0
