"""Pictures of the main screen in its states, compared with the kept ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from textual.pilot import Pilot

from core.inventory.snapshot import ContainerView
from core.settings import TuiSettings
from tests.builders import make_fleet
from tests.tui.screens import fleet_of, hostile_fleet, lively_fleet, make_app
from tui.app import QuarryApp

SIZES = [(80, 24), (120, 40), (160, 45)]
Compare = Callable[..., bool]

every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
Size = tuple[int, int]


async def everybody_known(pilot: Pilot[None]) -> None:
    """The header's names come from a worker."""
    await pilot.app.workers.wait_for_complete()


def picture(compare: Compare, app: QuarryApp, size: Size, keys: Sequence[str]) -> bool:
    """Press keys, let the details come to rest, compare."""
    return compare(app, terminal_size=size, press=[*keys, "wait:300"], run_before=everybody_known)


@every_size
def test_like_containers(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    app = make_app(*make_fleet(4, 9).containers, folder=tmp_path)
    assert picture(snap_compare, app, size, ["j", "j"])


@every_size
def test_every_state_and_a_container_down(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    assert picture(snap_compare, make_app(*lively_fleet(), folder=tmp_path), size, ["j", "j", "j", "j"])


@every_size
def test_empty_store(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    app = make_app(folder=tmp_path)
    fleet_of(app).show()
    assert picture(snap_compare, app, size, [])


@every_size
def test_filter(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    keys = ["slash", *"state:running", "enter", "j"]
    assert picture(snap_compare, make_app(*lively_fleet(), folder=tmp_path), size, keys)


@every_size
def test_filter_mistake(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    keys = ["slash", *"state:flying"]
    assert picture(snap_compare, make_app(*lively_fleet(), folder=tmp_path), size, keys)


@every_size
def test_marks_on_two_containers(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    keys = ["j", "j", "space", "space", "G", "space", "z", "a"]
    assert picture(snap_compare, make_app(*lively_fleet(), folder=tmp_path), size, keys)


@every_size
def test_hostile_names(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    app = make_app(*hostile_fleet(), folder=tmp_path)
    assert picture(snap_compare, app, size, ["j", "j", "j"])


@every_size
def test_ascii(snap_compare: Compare, tmp_path: Path, size: Size) -> None:
    app = make_app(*lively_fleet(), folder=tmp_path, tui=TuiSettings(ascii=True))
    assert picture(snap_compare, app, size, ["j", "j"])


@every_size
def test_no_colour(snap_compare: Compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: Size) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert picture(snap_compare, make_app(*lively_fleet(), folder=tmp_path), size, ["j", "space"])


@pytest.mark.parametrize("size", [(40, 10), (60, 20), (20, 5)], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("fleet", [lively_fleet, hostile_fleet], ids=lambda fleet: fleet.__name__)
def test_small_terminals(
    snap_compare: Compare, tmp_path: Path, size: Size, fleet: Callable[[], Sequence[ContainerView]]
) -> None:
    app = make_app(*fleet(), folder=tmp_path)
    assert picture(snap_compare, app, size, ["j", "j", "space"])


@pytest.mark.parametrize("tab", ["1", "2", "3", "4", "5", "6"])
def test_details_on_a_small_terminal(snap_compare: Compare, tmp_path: Path, tab: str) -> None:
    app = make_app(*lively_fleet(), folder=tmp_path)
    assert picture(snap_compare, app, (80, 24), ["j", "j", "enter", tab])


def test_details_of_a_container_that_is_down(snap_compare: Compare, tmp_path: Path) -> None:
    app = make_app(*lively_fleet(), folder=tmp_path)
    assert picture(snap_compare, app, (160, 45), ["right_curly_bracket"] * 2)


def test_clusters(snap_compare: Compare, tmp_path: Path) -> None:
    assert picture(snap_compare, make_app(*lively_fleet(), folder=tmp_path), (160, 45), ["t", "j"])
