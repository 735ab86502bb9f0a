"""What consoles cost: bytes a second against the same line merely drained, in turns, and the echo of a key.

On a local program, which shows the ceiling: it writes faster than any guest's serial line. And on a real guest, where
what is drained is what ``virsh console`` passes through.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import tui  # noqa: F401 - sets how often Textual may paint, before Textual is imported

# isort: split
from textual import events

from core.console.line import Line, NotNow, Opener, SessionState
from core.console.openers import CommandOpener
from core.console.session import ConsoleSession
from tests.bench.bench_tree import CountingDriver, first_write
from tests.bench.console_guests import booted, say_forever
from tests.bench.figures import Figure, emit, p95
from tests.lab.netns.lab import Lab
from tests.lab.netns.needs import missing
from tests.tui.consoles import ConsolesApp

SECONDS = 6.0
TURNS = 3
LINES = 20_000
SHORT_LINES = "sh -c 'stty -opost; while :; do seq 100000 200000; done'"
LONG_LINE = "[   12.345678] usb 1-1: new full-speed USB device number 2 using xhci_hcd, as kernels write"
LONG_LINES = f"sh -c 'exec yes \"{LONG_LINE}\"'"
ECHO = "sh -c 'stty -icanon echo; exec cat > /dev/null'"
KEYS = 120
OTHERS = 7


def measure() -> None:
    """Print the rows, the lab's left out where there can be no lab."""
    for what, command in (("lines of 90 bytes", LONG_LINES), ("lines of 7 bytes", SHORT_LINES)):
        throughput(f"local program, {what}", "the same line only drained", CommandOpener("flood", command))
    no_byte_lost("local program", CommandOpener("seq", f"sh -c 'read go; seq 1 {20 * LINES}; sleep 600'"), 20)
    for size in ((80, 24), (170, 45)):
        asyncio.run(key_echo(size))
    why = missing()
    if why:
        emit(Figure("a real guest's console", None, "", note=why))
    else:
        on_the_lab()


def throughput(what: str, peer: str, opener: Opener, within: float | None = None) -> None:
    """Alternate between a drained line and a session with a reader that takes 30 frames a second.

    Args:
        within: How many times slower it may be.
    """
    drained, shown = [], []
    for _ in range(TURNS):
        drained.append(drain(opener))
        shown.append(watch(opener))
    plain, terminal = statistics.median(drained), statistics.median(shown)
    emit(Figure(f"console of a {what}: {peer}", plain / 1e6, "MB/s"))
    target = None if within is None else plain / 1e6 / within
    emit(Figure(f"console of a {what}: shown", terminal / 1e6, "MB/s", target, at_least=True))


def opened(opener: Opener) -> Line:
    """The line, or the end of the bench."""
    line = opener.open(80, 24, take_over=True)
    if isinstance(line, NotNow):
        raise RuntimeError(line.detail)
    return line


def drain(opener: Opener) -> float:
    """Bytes a second when nothing is done with them."""
    line = opened(opener)
    total = 0
    began = 0.0
    while not began or time.monotonic() - began < SECONDS:
        data = line.read(1.0)
        if data is None:
            raise RuntimeError("the line ended")
        began = began or time.monotonic()
        total += len(data)
    spent = time.monotonic() - began
    line.close()
    return total / spent


def watch(opener: Opener) -> float:
    """Bytes a second through the emulator, 30 frames a second taken meanwhile."""
    session = ConsoleSession("bench", opener, history_bytes=0)
    session.reattach(take_over=True)
    session.start()
    until(lambda: session.received > 0, 120.0)
    began, before = time.monotonic(), session.received
    while time.monotonic() - began < SECONDS:
        session.frame()
        time.sleep(1 / 30)
    rate = (session.received - before) / (time.monotonic() - began)
    session.close(5.0)
    return rate


def no_byte_lost(what: str, opener: Opener, times: int) -> None:
    """Every byte of a known text arrives, with a slow reader of frames beside it."""
    last = times * LINES
    text = b"".join(b"%d\r\n" % number for number in range(1, last + 1))
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        session = ConsoleSession("bench", opener, history_bytes=0)
        session.reattach(take_over=True)
        session.start()
        until(lambda: session.status.state is SessionState.OPEN)
        session.keeper.log_to(log)
        session.send(b"\r" if isinstance(opener, CommandOpener) else b"seq 1 %d\r" % last)
        until(lambda: (b"\n%d\r\n" % last) in tail(session, log), 120.0)
        session.keeper.log_to(None)
        session.close(5.0)
        lost = missing_bytes(text, log.read_bytes())
        emit(Figure(f"console of a {what}: bytes lost of {len(text):,}", float(lost), "B", 0.0))


def missing_bytes(text: bytes, said: bytes) -> int:
    """How much of a text is not in what was said, in its order; a kernel's own words may stand between."""
    rest = iter(said)
    arrived = next((at for at, byte in enumerate(text) if byte not in rest), len(text))
    return len(text) - arrived


def tail(session: ConsoleSession, log: Path) -> bytes:
    """The last that a log holds; a frame is taken as a pane would."""
    session.frame()
    with log.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, 2) - 200))
        return stream.read()


class CountedApp(ConsolesApp):
    """Consoles whose painting goes to a driver that counts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.driver_class = CountingDriver
        self.filled = asyncio.Event()

    def on_ready(self) -> None:
        """Open everything from within the app: what is mounted from outside has no app to keep time by."""
        self.run_worker(self.fill())

    async def fill(self) -> None:
        """One that floods, and those typed to."""
        while not (self.screen is self.consoles and self.consoles.is_mounted):
            await asyncio.sleep(0.01)
        await self.open("flood", SHORT_LINES)
        for number in range(OTHERS):
            await self.open(f"echo-{number}", ECHO)
        self.filled.set()


async def key_echo(size: tuple[int, int]) -> None:
    """From the key to the guest's echo painted: eight consoles, one of them flooding."""
    with tempfile.TemporaryDirectory() as folder:
        app = CountedApp(Path(folder))
        running = asyncio.create_task(app.run_async(size=size))
        await asyncio.wait_for(app.filled.wait(), 60.0)
        flood = app.sessions["flood"]
        while flood.received < 1_000_000:
            await asyncio.sleep(0.1)
        await asyncio.sleep(1.0)
        samples, typed = [], ""
        for at in range(KEYS):
            letter = chr(ord("a") + at % 26)
            typed += letter
            samples.append(await first_write(shows(typed[-4:]), presser(app, letter)))
            await asyncio.sleep(0.02)
        shown = sum(pane.display for pane in app.consoles.panes)
        rate = flood.received
        await asyncio.sleep(1.0)
        rate = flood.received - rate
        app.exit()
        await running
    note = f"{shown} tiles shown, flood {rate / 1e6:.1f} MB/s, median {statistics.median(samples) * 1000:.1f} ms"
    emit(Figure(f"key echo p95 at {size[0]}x{size[1]}", p95(samples) * 1000, "ms", 30.0, note))


def shows(text: str) -> Callable[[str], bool]:
    """Whether what is told to the terminal has the text."""
    return lambda data: text in data


def presser(app: ConsolesApp, letter: str) -> Callable[[], Awaitable[float]]:
    """Presses a key as the driver does."""

    async def press() -> float:
        began = time.perf_counter()
        app.post_message(events.Key(letter, letter))
        return began

    return press


def on_the_lab() -> None:
    """A guest that floods its console, over SSH and virsh."""
    what = "guest on a serial line"
    lab = Lab.up()
    try:
        with booted(lab, "bench-console") as opener:
            no_byte_lost(what, opener, 1)
            say_forever(opener)
            throughput(what, "virsh console passes through", opener, within=2)
    finally:
        lab.close()


def until(happened: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait."""
    give_up_at = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > give_up_at:
            raise RuntimeError("it did not come about")
        time.sleep(0.02)
