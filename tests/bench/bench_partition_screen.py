"""From key to painted frame in the partition editor: 20 drives, 200 partitions. Prints milliseconds, asserts no time.

Run: ``python -m tests.bench.bench_partition_screen``, or ``pytest tests/bench/bench_partition_screen.py -s``. *first*
is when the first bytes go to the terminal after a key, *last* when nothing more follows: a text of this length is
planned in another thread, and its bars follow the typing. *work* is the screen thread's processor time up to the
first bytes, which a busy machine lengthens less than the waiting.
"""

from __future__ import annotations

import asyncio
import statistics
import time

import tui  # noqa: F401 - sets how often Textual may paint, before Textual is imported

# isort: split
import pytest
from textual import events
from textual.app import App
from textual.drivers.headless_driver import HeadlessDriver

from partition_editor.disks import Disk, Profile
from partition_editor.document.reading import read_document
from partition_editor.session import Session
from tui.partition_app import PartitionApp

DRIVES, EACH, KEYS = 20, 10, 60
SECTORS = 1 << 30
QUIET_S = 0.1
"""Between two keys: long enough for everything that follows the first."""


class TimingDriver(HeadlessDriver):
    """Remembers when it was told to write."""

    writes: list[float] = []  # noqa: RUF012 - shared on purpose: the app makes the driver
    works: list[float] = []  # noqa: RUF012

    @property
    def is_headless(self) -> bool:
        """Have the app write as it does to a terminal."""
        return False

    def write(self, data: str) -> None:
        """Note the time."""
        TimingDriver.writes.append(time.perf_counter())
        TimingDriver.works.append(time.thread_time())


def make_app() -> PartitionApp:
    """The editor on many drives."""
    names = [f"sd{chr(ord('a') + number)}" for number in range(DRIVES)]
    lines = ["clearpart --all --initlabel --disklabel=gpt --drives=" + ",".join(names)]
    for name in names:
        lines += [f"part /{name}/{number} --size={1000 + number} --ondisk={name}" for number in range(EACH)]
    disks = [Disk(name, SECTORS) for name in names]
    session = Session(read_document("\n".join(lines) + "\n"), disks, Profile("RHEL9"), name="bench")
    return PartitionApp(session)


Times = list[tuple[float, float, float]]
"""Milliseconds to the first and last write, and of work up to the first."""


async def measure(size: tuple[int, int]) -> dict[str, Times]:
    """The times of each kind of key."""
    app = make_app()
    found: dict[str, Times] = {}
    app.driver_class = TimingDriver
    async with app.run_test(size=size, headless=False):
        await asyncio.sleep(2)
        editor = app.editor
        editor.table.focus()
        found["down in the table"] = [await _timed(app, "down") for _ in range(KEYS)]
        found["next drive"] = [await _timed(app, "right_square_bracket") for _ in range(KEYS)]
        editor.go(("line", 5))
        found["larger"] = [await _timed(app, "plus") for _ in range(KEYS)]
        found["undo, redo"] = [await _timed(app, "u" if count % 2 else "ctrl+r") for count in range(KEYS)]
        editor.focused_part(editor.bars)
        found["right in the bars"] = [await _timed(app, "right") for _ in range(KEYS)]
        editor.focused_part(editor.source)
        editor.source.go(50)
        found["typing"] = [await _timed(app, "x" if count % 2 else "backspace") for count in range(KEYS)]
    return found


async def _timed(app: App[None], key: str) -> tuple[float, float, float]:
    """Send a key as the terminal does, and see when the screen writes."""
    driver = app._driver
    assert driver is not None
    event = events.Key(key, key if len(key) == 1 else "+" if key == "plus" else None)
    event.set_sender(app)
    TimingDriver.writes.clear()
    TimingDriver.works.clear()
    begin, work = time.perf_counter(), time.thread_time()
    driver.send_message(event)
    await asyncio.sleep(QUIET_S)
    writes, works = TimingDriver.writes or [begin], TimingDriver.works or [work]
    return (writes[0] - begin) * 1000, (writes[-1] - begin) * 1000, (works[0] - work) * 1000


@pytest.mark.bench
def test_key_to_frame(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        main()


def main() -> None:
    """Print the table."""
    for size in ((80, 24), (160, 45)):
        print(f"\n{size[0]}x{size[1]}, {DRIVES} drives, {DRIVES * EACH} partitions, ms", end="")
        print("      first: median     p95    last: median     p95    work: median     p95")
        for name, times in asyncio.run(measure(size)).items():
            print(f"  {name:<42} ", end="")
            for values in zip(*times, strict=True):
                ordered = sorted(values)
                print(f"{statistics.median(ordered):10.1f} {ordered[int(len(ordered) * 0.95)]:7.1f}      ", end="")
            print()


if __name__ == "__main__":
    main()
