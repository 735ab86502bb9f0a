"""How long the preview of 1,000 nodes takes. Prints, asserts no time.

Run: ``python -m tests.bench.bench_partition_preview``, or ``pytest tests/bench/bench_partition_preview.py -s``.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from core.store.partition_records import SchemeScope
from core.store.store import Store
from partition_editor.fleet.asking import preview_store

NODES = 1000
RUNS = 3
DIRECTIVES = (
    "clearpart --all --initlabel --drives=hda\npart / --size 8000 --ondisk hda\n"
    "part swap --size 1000 --ondisk hda\npart /mydata --size 1 --grow --ondisk hda\n"
)
PROGRAM = """import rocks_partition
nodename = '<var name="Node_Hostname"/>'
disks = rocks_partition.RocksPartition().getDisks()
with open('/tmp/user_partition_info', 'w') as out:
    out.write('clearpart --all --initlabel --drives=%s\\n' % ','.join(disks))
    out.write('part / --size=8000 --ondisk=%s\\n' % disks[0])
    for number, disk in enumerate(disks):
        out.write('part /data%d --size=1 --grow --ondisk=%s\\n' % (number, disk))
"""


def fill(store: Store, *, alike: bool) -> None:
    """Compute nodes with one root disk each; with `alike` all of one size."""
    with store.begin() as rows:
        for number in range(NODES):
            rank, rack = number % 40, number // 40
            node = rows.nodes.add(f"compute-{rack}-{rank}", membership="Compute", rack=rack, rank=rank)
            size = "66.4GB" if alike else f"{66_400 + number}MB"
            for device, mount, start, length in (
                ("hda1", "/", "32.3kB", "8390MB"), ("hda2", "/var", "8390MB", "4195MB"),
                ("hda3", "swap", "12.6GB", "1045MB"), ("hda5", "/state/partition1", "13.6GB", size),
            ):  # fmt: skip
                fstype = "linux-swap" if mount == "swap" else "ext3"
                rows.partitions.add(
                    node.id, device=device, mountpoint=mount, sectorstart=start, partitionsize=length, fstype=fstype
                )


def timed(work: Callable[[], object]) -> str:
    """Median and best of a few runs."""
    took = []
    for _ in range(RUNS):
        before = time.perf_counter()
        work()
        took.append(time.perf_counter() - before)
    return f"{statistics.median(took):.2f} s (best {min(took):.2f})"


def measure(folder: Path) -> list[tuple[str, str, str]]:
    """Rows of what was done, measured time, target."""
    found = []
    for alike in (True, False):
        with Store.open(f"sqlite:///{folder / f'{alike}.sqlite'}") as store:
            fill(store, alike=alike)
            for kind, text, interpreter, target in (
                ("directives", DIRECTIVES, "", "1 s"), ("program", PROGRAM, "/opt/rocks/bin/python", "30 s"),
            ):  # fmt: skip
                with store.begin() as rows:
                    rows.schemes.add(SchemeScope.ALL, "", kind=kind, text=text, interpreter=interpreter, who="bench")
                for release in (False, True):
                    words = (
                        f"{kind}, {'alike' if alike else 'all different'}, {'released' if release else 'as it is'}"
                    )
                    took = timed(partial(preview_store, store, "compute", release=release))
                    found.append((words, took, target))
    return found


def report(rows: list[tuple[str, str, str]]) -> str:
    """The table as text."""
    width = max(len(row[0]) for row in rows)
    lines = [
        f"Preview of {NODES} nodes",
        *(f"{name:<{width}}  {took:<24} target {goal}" for name, took, goal in rows),
    ]
    return "\n".join(lines)


@pytest.mark.bench
def test_preview_of_a_thousand_nodes(tmp_path: Path) -> None:
    rows = measure(tmp_path)
    print("\n" + report(rows))
    assert len(rows) == 8


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print(report(measure(Path(name))))
