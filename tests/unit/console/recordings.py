"""Streams of real programs on an 80x24 serial terminal, with the screens they must give.

`data/NAME.bin` is what the program sent, `data/NAME.txt` the screens at the offsets named in it. To make the screens
anew after a wanted change: ``python -m tests.unit.console.recordings``, then read the difference. To record another
program: ``python -m tests.unit.console.recordings NAME KEYS COMMAND…``; keys as in a Python string, a second each.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pexpect

from core.console.cells import row_text
from core.console.emulator import GhosttyEmulator

FOLDER = Path(__file__).parent / "data"
OFFSETS = {
    "dialog": (),
    "dialog-gauge": (),
    "whiptail": (),
    "htop": (1800,),
    "htop-xterm": (2000,),
    "vi": (2000, 4000),
    "top": (4000,),
    "vttest-cursor": (6000, 12000),
    "vttest-screen": (9000,),
    "vttest-sgr": (),
    "debian-installer": (13277, 26685),
}
"""Recording → where in it a screen is kept; its end always is."""
NOT_UTF8 = frozenset({"debian-installer", "dialog-gauge", "vttest-cursor", "vttest-screen", "vttest-sgr"})
"""Those draw lines with the terminal's own character sets."""
NOT_FOR_PYTE = {
    "top": "erasing behind the last column",
    "vttest-cursor": "132 columns",
    "vttest-sgr": "empty parameters of SGR",
}
"""Where pyte differs from xterm itself."""
_MARK = "=== after "


@dataclass(frozen=True, slots=True)
class Recording:
    """A stream and its screens: offset → 24 rows."""

    name: str
    data: bytes
    screens: dict[int, list[str]]


def offsets_of(name: str) -> list[int]:
    """Where screens are kept."""
    return [*OFFSETS[name], (FOLDER / f"{name}.bin").stat().st_size]


def load(name: str) -> Recording:
    """One recording."""
    screens: dict[int, list[str]] = {}
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n")[:-1]:
        if line.startswith(_MARK):
            rows = screens[int(line.removeprefix(_MARK))] = []
        else:
            rows.append(line)
    return Recording(name, (FOLDER / f"{name}.bin").read_bytes(), screens)


def screen_of(data: bytes) -> list[str]:
    """The screen a stream gives, as text."""
    emulator = GhosttyEmulator(80, 24)
    emulator.feed(data)
    frame = emulator.frame(everything=True)
    emulator.close()
    return [row_text(frame.changed[number]).rstrip() for number in range(24)]


def keep_screens(name: str) -> None:
    """Write the screens of a recording as they are now."""
    data = (FOLDER / f"{name}.bin").read_bytes()
    lines: list[str] = []
    for offset in offsets_of(name):
        lines += [f"{_MARK}{offset}", *screen_of(data[:offset])]
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def record(words: list[str], keys: list[bytes]) -> bytes:
    """Run a program on a pseudo terminal whose queries are answered, press keys, keep what it sends."""
    child: pexpect.spawn[bytes] = pexpect.spawn(words[0], words[1:], dimensions=(24, 80), echo=False)
    emulator = GhosttyEmulator(80, 24)
    kept = bytearray()
    for key in [b"", *keys]:
        child.send(key)
        end = time.monotonic() + 1.0
        while (left := end - time.monotonic()) > 0:
            try:
                said = bytes(child.read_nonblocking(65536, left))
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                break
            kept += said
            child.send(emulator.feed(said))
    child.close(force=True)
    return bytes(kept)


if __name__ == "__main__":
    if len(sys.argv) > 3:
        pressed = [one.encode().decode("unicode_escape").encode() for one in sys.argv[2].split(" ")]
        (FOLDER / f"{sys.argv[1]}.bin").write_bytes(record(sys.argv[3:], pressed))
    else:
        for one in OFFSETS:
            keep_screens(one)
