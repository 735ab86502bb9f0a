"""Installs in the demo: the real service, jobs and editor's answers, with nodes that are played."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from core.demo.played_disks import PlayedPartition, partitioned, report
from core.hypervisor.model import DomainState
from core.install.partitions import partition_rows
from core.install.reports import DiskReport, read_report
from core.settings import Settings
from partition_editor.sources.lsblk import disks_from_lsblk
from partition_editor.verbs import add_verbs
from tui.composition import ComposedFleet, open_demo

DISK = {"hda": 36 * 10**9}
TEXT = """\
clearpart --all --initlabel --drives=hda
part / --size=8000 --ondisk=hda
part swap --size=1000 --ondisk=hda
part /mydata --size=1 --grow --ondisk=hda
"""


def yes(_lines: Sequence[str], _phrase: str) -> bool:
    return True


def eventually(true: Callable[[], object], within_s: float = 120.0) -> None:
    give_up_at = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


def test_what_a_played_node_reports_is_what_a_real_one_would() -> None:
    blank = read_report(report(DISK, [], installed=False))
    assert isinstance(blank, DiskReport) and blank.facts["sizes"] == {"hda": 36 * 10**9 // 512}
    made = partitioned(TEXT, DISK, [])
    after = read_report(report(DISK, made, installed=True))
    assert isinstance(after, DiskReport)
    rows = [(row["device"], row["mountpoint"], row["partitionsize"]) for row in partition_rows(after)]
    assert rows[:2] == [("hda1", "/", "8388MB"), ("hda2", "swap", "1048MB")] and rows[2][:2] == ("hda3", "/mydata")
    again = read_report(report(DISK, made, installed=False))
    assert isinstance(again, DiskReport) and again.facts["stamped_partitions"] == ["hda1"]
    (disk,) = disks_from_lsblk(str(again.facts["lsblk"]))  # type: ignore[misc]
    assert [one.fstype for one in disk.partitions] == ["ext4", "swap", "ext4"]


def test_partitions_that_are_used_again_stay_where_they_are() -> None:
    before = partitioned(TEXT, DISK, [])
    after = partitioned(
        "part / --fstype ext4 --onpart hda1\npart /mydata --noformat --onpart=/dev/hda3\n", DISK, before
    )
    assert after == [before[0], before[2]]
    assert partitioned("nonsense\npart '\npart /x --ondisk=sdz --size=5\n", DISK, before) == []
    assert PlayedPartition("hda", 1, "/", 1, 5).device == "hda1"


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ComposedFleet]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    add_verbs()
    made = open_demo(Settings())
    yield made
    made.close()


def off(fleet: ComposedFleet) -> str:
    """A VM that is there and does not run."""
    eventually(lambda: any(one.state is DomainState.SHUT_OFF for one in fleet.snapshot().by_name().values()))
    vms = fleet.snapshot().by_name().values()
    return next(vm.name for vm in vms if vm.record is not None and vm.state is DomainState.SHUT_OFF and vm.defined)


def stage(fleet: ComposedFleet, name: str) -> str:
    words = fleet.command(f"list host install {name}", yes).out.split("\n")[1:2]
    return words[0].split()[2] if words and words[0] else ""


def test_a_vm_is_installed_and_waits_for_its_operator_when_its_scheme_says_so(
    fleet: ComposedFleet, tmp_path: Path
) -> None:
    name = off(fleet)
    begun = fleet.command(f"set host partition scheme {name} scheme=ask", yes)
    assert not begun.failed, begun.err
    eventually(lambda: not fleet.command(f"create host vm {name} wait=no", yes).failed)
    eventually(lambda: stage(fleet, name) == "asking")
    disks = fleet.command(f"report host install disks {name}", yes)
    assert '"hda"' in disks.out
    layout = tmp_path / "layout.ks"
    layout.write_text(TEXT, encoding="utf-8")
    told = fleet.command(f"set host install answer {name} file={layout}", yes)
    assert not told.failed, told.err
    eventually(lambda: stage(fleet, name) == "done")
    listed = fleet.command(f"list host partition {name}", yes).out
    assert "/mydata" in listed
    eventually(lambda: fleet.snapshot().by_name()[name].state is DomainState.RUNNING)
    eventually(lambda: fleet.snapshot().by_name()[name].lock is None)
