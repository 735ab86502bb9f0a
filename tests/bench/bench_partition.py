"""How long reading, planning and checking a partition text take. Prints milliseconds and asserts no time.

Run: ``python -m tests.bench.bench_partition``, or ``pytest tests/bench/bench_partition.py -s``. *cold* has never seen
the lines before, *key* is the same text with one option changed, as after a key in the editor.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import pytest

from core.outcome import Refused
from partition_editor.disks import Disk, Profile
from partition_editor.document.edits import set_options
from partition_editor.document.lines import Document
from partition_editor.document.parsing import read_directive
from partition_editor.document.reading import read_document, read_spec
from partition_editor.document.tokens import tokenise
from partition_editor.planner import plan
from partition_editor.rules import check

RUNS = 60
SECTORS = 1 << 30


def names(count: int) -> list[str]:
    """``sda`` and on, at most 26."""
    return [f"sd{chr(ord('a') + index)}" for index in range(count)]


def thirty_lines() -> str:
    """A mirrored, striped and grouped system over four disks."""
    disks = names(4)
    lines = ["clearpart --all --initlabel --drives=" + ",".join(disks), "bootloader --location=mbr"]
    lines += ["part / --size=16000 --ondisk=sda", "part swap --size 4000 --ondisk=sda", "part /boot --size=1024"]
    for index, disk in enumerate(disks):
        lines.append(f"part raid.{index}1 --size=20000 --ondisk={disk}")
        lines.append(f"part raid.{index}2 --size=20000 --grow --ondisk={disk}")
        lines.append(f"part pv.{index} --size=10000 --ondisk={disk}")
    lines.append("raid /data --level=5 --device=data raid.01 raid.11 raid.21 raid.31")
    lines.append("raid /home --level=1 --device=home raid.02 raid.12")
    lines.append("raid /opt --level=1 --device=opt raid.22 raid.32")
    lines.append("volgroup pool pv.0 pv.1 pv.2 pv.3")
    lines += [f"logvol /v{index} --vgname=pool --name=v{index} --size={1000 + index}" for index in range(9)]
    return "\n".join(lines) + "\n"


def many_partitions(disks: int, each: int) -> str:
    """Partitions all over the disks."""
    lines = ["clearpart --all --initlabel --disklabel=gpt --drives=" + ",".join(names(disks))]
    lines.append("part biosboot --size=1 --ondisk=sda")
    lines.append("part / --size=8000 --ondisk=sda")
    for disk in names(disks):
        lines += [f"part /{disk}/{index} --size={1000 + index} --ondisk={disk}" for index in range(each)]
    return "\n".join(lines) + "\n"


def timed(action: Callable[[], object]) -> float:
    """Milliseconds of one run."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1000


def measure(title: str, text: str, disks: tuple[Disk, ...], release: str) -> str:
    """One row of the table: medians of reading, planning and checking, and of all three after one key."""
    profile = Profile(release=release)
    document = read_document(text)
    cold: list[tuple[float, float, float]] = []
    keys: list[float] = []

    def everything(now: Document) -> None:
        check(now, disks, profile, plan(read_spec(now, profile), disks, profile))

    for run in range(RUNS):
        tokenise.cache_clear()
        read_directive.cache_clear()
        reading = timed(lambda: read_spec(read_document(text), profile))
        answer = plan(read_spec(document, profile), disks, profile)
        planning = timed(lambda: plan(read_spec(document, profile), disks, profile))
        checking = timed(partial(check, document, disks, profile, answer))
        cold.append((reading, planning, checking))
        changed = set_options(document, 3, {"--size": 8000 + run}, release)
        if not isinstance(changed, Refused):
            keys.append(timed(partial(everything, changed)))
    medians = [statistics.median(column) for column in zip(*cold, strict=True)]
    cells = "  ".join(f"{one:8.2f}" for one in [*medians, sum(medians), statistics.median(keys), max(keys)])
    return f"{title:<34}  {cells}"


def report() -> str:
    """The table."""
    four = tuple(Disk(name, SECTORS) for name in names(4))
    twenty = tuple(Disk(name, SECTORS) for name in names(20))
    head = "  ".join(f"{one:>8}" for one in ("read", "plan", "check", "all", "key", "key max"))
    rows = [f"{'milliseconds, median of ' + str(RUNS):<34}  {head}"]
    for release in ("RHEL5", "RHEL9"):
        rows.append(measure(f"30 lines, 4 disks, {release}", thirty_lines(), four, release))
    rows.append(measure("200 partitions, 20 disks, RHEL9", many_partitions(20, 10), twenty, "RHEL9"))
    return "\n".join(rows)


@pytest.mark.bench
def test_print_the_cost_of_reading_planning_and_checking() -> None:
    print("\n" + report())


if __name__ == "__main__":
    print(report())
