"""Pictures of the editor at a small and a large terminal, compared with the kept ones."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.tui.partitioning.desk import GROUP, MIRROR, TWO, make_app
from tests.tui.patience import until
from tui.partition_app import PartitionApp

SIZES = [(80, 24), (160, 45)]
Compare = Callable[..., bool]

pytestmark = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")

FULL = """\
clearpart --all --initlabel --drives=sda
part / --size=40000 --ondisk=sda
part /var --size=20000 --ondisk=sda
part swap --size=2000 --ondisk=sda
part /data --size=30000 --ondisk=sda
"""
ERRORS = """\
clearpart --all --initlabel --drives=sda,sdb
part / --size=8G --fstype=xfs --ondisk=sda
part /var --size=4000 --ondisk=sda
part raid.01 --size=10000 --ondisk=sdc
part /x --sise=3
raid /data --level=1 --device=md0 raid.01,raid.02
"""


async def ready(pilot: Pilot[None]) -> None:
    """The text is worked out, and what that set off has come to rest."""
    app = pilot.app
    assert isinstance(app, PartitionApp)
    await until(pilot, lambda: app.editor.is_mounted and app.editor.table.rows and not app.editor.session.is_stale)
    for _ in range(4):
        await pilot.pause(0.05)


def test_one_disk(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(), run_before=ready, terminal_size=size)


def test_raid_over_two(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(MIRROR, TWO, "RHEL9"), run_before=ready, terminal_size=size)


def test_volume_group(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(GROUP, "sda=80G", "RHEL9"), run_before=ready, terminal_size=size)


def test_a_disk_that_is_too_full(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(FULL, "sda=80G", "RHEL9"), run_before=ready, terminal_size=size)


def test_errors(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(make_app(ERRORS, TWO, "RHEL9"), run_before=ready, terminal_size=size)


def test_new_partition(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def fill_in(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("n")
        await ready(pilot)
        await pilot.press(*"/data", "tab", "tab", "ctrl+u", *"25%")
        await ready(pilot)

    assert snap_compare(make_app(MIRROR, TWO, "RHEL9"), run_before=fill_in, terminal_size=size)


def test_source_with_the_cursor_in_it(snap_compare: Compare, size: tuple[int, int]) -> None:
    async def type_there(pilot: Pilot[None]) -> None:
        await ready(pilot)
        await pilot.press("tab", "down", "end", *" # mine")
        await ready(pilot)

    assert snap_compare(make_app(ERRORS, TWO, "RHEL9"), run_before=type_there, terminal_size=size)
