"""The tree under the keys and the mouse: cursor and marks follow identity, whatever happens around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.events import MouseScrollDown
from textual.message import Message

from core.hypervisor.model import DomainState, LinkState
from core.inventory.snapshot import ContainerView, InventorySnapshot, VmKey
from tests.builders import make_container, make_fleet, make_rates, make_snapshot, make_vm
from tests.tui.screens import CLOCK, lively_fleet
from tui.filter import Filter, parse_filter
from tui.render.clock import Clock
from tui.render.columns import SORTABLE
from tui.render.glyphs import UNICODE
from tui.render.rows import Look
from tui.widgets.fleet_tree import FleetTree, Grouping, GroupKey, GroupKind
from tui.widgets.fleet_tree.state import FleetState


class TreeApp(App[None]):
    """A tree and the messages it sent."""

    def __init__(self, snapshot: InventorySnapshot, clock: Clock = CLOCK) -> None:
        super().__init__()
        self.snapshot = snapshot
        self.tree_look = Look(UNICODE, clock)
        self.heard: list[Message] = []

    def compose(self) -> ComposeResult:
        yield FleetTree(self.tree_look)

    def on_mount(self) -> None:
        self.fleet_tree.focus()
        self.fleet_tree.show_snapshot(self.snapshot)

    @property
    def fleet_tree(self) -> FleetTree:
        return self.query_one(FleetTree)

    def on_fleet_tree_cursor_moved(self, message: Message) -> None:
        self.heard.append(message)

    def on_fleet_tree_marks_changed(self, message: Message) -> None:
        self.heard.append(message)

    def on_fleet_tree_opened(self, message: Message) -> None:
        self.heard.append(message)

    def on_fleet_tree_in_view_changed(self, message: Message) -> None:
        self.heard.append(message)


def here(app: TreeApp) -> str:
    """Name of what the cursor is on."""
    row = app.fleet_tree.state.here
    assert row is not None
    return row.key.name if isinstance(row.key, GroupKey) else row.name


def rows(app: TreeApp) -> list[str]:
    """The painted lines."""
    return [app.fleet_tree.paint(y).text.rstrip() for y in range(app.fleet_tree.text_size.height)]


def made(text: str) -> Filter:
    parsed = parse_filter(text)
    assert isinstance(parsed, Filter)
    return parsed


def without(snapshot: InventorySnapshot, name: str) -> InventorySnapshot:
    """The next snapshot, this slice gone."""
    containers = tuple(
        replace(one, vms=tuple(vm for vm in one.vms if vm.name != name))
        if any(vm.name == name for vm in one.vms)
        else one
        for one in snapshot.containers
    )
    return replace(snapshot, serial=snapshot.serial + 1, containers=containers)


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (["j"], "vm-container-0-0"),
        (["down", "down", "up"], "vm-container-0-0"),
        (["G"], "compute-0-3-8"),
        (["G", "g"], "rocks.example.org"),
        (["end", "home", "right_curly_bracket"], "vm-container-0-0"),
        (["right_curly_bracket"] * 2, "vm-container-0-1"),
        (["j", "j", "j", "left_curly_bracket"], "vm-container-0-0"),
        (["j", "l"], "compute-0-0-0"),
        (["j", "j", "j", "h"], "vm-container-0-0"),
        (["j", "h", "j"], "vm-container-0-1"),
        (["j", "left", "right", "right"], "compute-0-0-0"),
        (["z", "M", "j", "j"], "vm-container-0-1"),
        (["j", "j", "z", "a", "j"], "vm-container-0-1"),
        (["z", "M", "z", "R", "j", "j"], "compute-0-0-0"),
        (["z", "x", "j"], "vm-container-0-0"),
        (["j", "plus", "j"], "vm-container-0-1"),
        (["j", "enter", "j"], "vm-container-0-1"),
        (["ctrl+d"], "compute-0-1-0"),
        (["pagedown", "pageup"], "rocks.example.org"),
        (["ctrl+d", "ctrl+u"], "rocks.example.org"),
    ],
)
async def test_moving_and_folding(keys: Sequence[str], name: str) -> None:
    app = TreeApp(make_fleet(4, 9))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        assert here(app) == name


async def test_the_cursor_is_always_in_the_window() -> None:
    app = TreeApp(make_fleet(40, 5))
    async with app.run_test(size=(80, 24)) as pilot:
        for key in ["G", "pageup", "k", "ctrl+u", "g", "ctrl+d", "pagedown", "z", "M", "G", "z", "R", "o", "O"]:
            await pilot.press(key)
            assert sum(here(app) in row for row in rows(app)) == 1, key
        await pilot.resize_terminal(60, 8)
        await pilot.pause()
        assert any(here(app) in row for row in rows(app))


async def test_cursor_and_marks_follow_identity_through_changes() -> None:
    fleet = make_fleet(4, 9)
    app = TreeApp(fleet)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("j", "j", "j", "space", "j")
        tree = app.fleet_tree
        name, marked = here(app), tree.targets()
        assert name == "compute-0-0-3"
        changes: list[Callable[[], None]] = [
            lambda: tree.sort_by("cpu"),
            lambda: tree.sort_by("name", descending=True),
            lambda: tree.set_grouping("cluster"),
            lambda: tree.set_grouping(Grouping.CONTAINER),
            lambda: tree.show_snapshot(without(fleet, "compute-0-0-0")),
            lambda: tree.set_filter(made("compute-0-0")),
            lambda: tree.set_filter(None),
        ]
        for change in changes:
            change()
            assert here(app) == name
            assert tree.targets() == marked


async def test_a_vanished_row_gives_the_cursor_to_its_neighbour() -> None:
    fleet = make_fleet(2, 3)
    app = TreeApp(fleet)
    async with app.run_test() as pilot:
        await pilot.press("j", "j", "j")
        assert here(app) == "compute-0-0-1"
        app.fleet_tree.show_snapshot(without(fleet, "compute-0-0-1"))
        assert here(app) == "compute-0-0-2"
        await pilot.press("G")
        app.fleet_tree.show_snapshot(without(without(fleet, "compute-0-0-1"), "compute-0-1-2"))
        assert here(app) == "compute-0-1-1"
        app.fleet_tree.show_snapshot(make_snapshot(frontend=""))
        assert app.fleet_tree.cursor_key is None
        await pilot.press("j", "space", "enter", "h", "l", "z", "a", "v", "asterisk")
        assert app.fleet_tree.targets() == []


async def test_a_mark_never_moves_to_another_machine() -> None:
    fleet = make_fleet(2, 2)
    app = TreeApp(fleet)
    async with app.run_test() as pilot:
        await pilot.press("j", "j", "space")
        assert len(app.fleet_tree.targets()) == 1
        gone = without(fleet, "compute-0-0-0")
        app.fleet_tree.show_snapshot(gone)
        assert app.fleet_tree.state.marks.keys() == set()
        app.fleet_tree.show_snapshot(replace(fleet, serial=9))
        assert app.fleet_tree.state.marks.keys() == set()


async def test_a_container_row_targets_nothing_until_marked() -> None:
    app = TreeApp(make_fleet(2, 3))
    async with app.run_test() as pilot:
        await pilot.press("j")
        assert app.fleet_tree.targets() == []
        assert app.fleet_tree.cursor_container() == "vm-container-0-0"
        await pilot.press("space")
        assert len(app.fleet_tree.targets()) == 3
        await pilot.press("space")
        assert app.fleet_tree.targets() == []


async def test_a_range_grows_and_shrinks_and_space_ends_it() -> None:
    app = TreeApp(make_fleet(2, 5))
    async with app.run_test() as pilot:
        await pilot.press("j", "j", "v", "j", "j", "j")
        assert len(app.fleet_tree.targets()) == 4
        await pilot.press("k")
        assert len(app.fleet_tree.targets()) == 3
        await pilot.press("space", "G")
        assert len(app.fleet_tree.targets()) == 3
        await pilot.press("asterisk")
        assert len(app.fleet_tree.targets()) == 7
        await pilot.press("u")
        assert app.fleet_tree.targets() == [app.fleet_tree.cursor_key]


async def test_marks_hidden_by_a_filter_still_count_and_are_named() -> None:
    app = TreeApp(make_fleet(2, 3))
    async with app.run_test() as pilot:
        await pilot.press("j", "j", "space")
        app.fleet_tree.set_filter(made("compute-0-1"))
        assert app.fleet_tree.hidden_marks() == ["compute-0-0-0"]
        assert len(app.fleet_tree.targets()) == 1
        app.fleet_tree.set_filter(made("marked"))
        await pilot.pause()
        assert [row for row in rows(app) if "compute" in row and "0-0-0" in row]
        await pilot.press("u")
        assert app.fleet_tree.model.matches == 0


async def test_a_filter_opens_what_it_finds_and_restores_the_folds() -> None:
    app = TreeApp(make_fleet(3, 3))
    async with app.run_test() as pilot:
        await pilot.press("z", "M")
        app.fleet_tree.set_filter(made("compute-0-1-2"))
        assert any("compute-0-1-2" in row for row in rows(app))
        assert not any("vm-container-0-2" in row for row in rows(app))
        app.fleet_tree.set_filter(None)
        assert not any("compute-0-1-2" in row for row in rows(app))


async def test_an_empty_container_is_found_by_its_name() -> None:
    app = TreeApp(
        make_snapshot([make_container("vm-container-9-9"), make_container("vm-container-0-0", [make_vm()])])
    )
    async with app.run_test():
        app.fleet_tree.set_filter(made("container-9"))
        assert any("vm-container-9-9" in row for row in rows(app))


async def test_sorting_by_key_and_by_title() -> None:
    vms = [make_vm(f"vm{at}", slice_no=at, rates=make_rates(cpu)) for at, cpu in enumerate((10.0, 90.0, 50.0))]
    app = TreeApp(make_snapshot([make_container(vms=[*vms, make_vm("unmeasured", slice_no=9)])], frontend=""))
    async with app.run_test(size=(80, 24)) as pilot:

        def order() -> list[str]:
            return [row.split()[1] for row in rows(app)[2:6]]

        await pilot.press("o", "o")
        assert order() == ["vm1", "vm2", "vm0", "unmeasured"]
        await pilot.press("O")
        assert order() == ["vm0", "vm2", "vm1", "unmeasured"]
        title = rows(app)[0].index("MEM")
        await pilot.click(FleetTree, offset=(title, 0))
        assert "MEM" in rows(app)[0]
        assert app.fleet_tree.model.column.value == "mem"
        await pilot.click(FleetTree, offset=(4, 0))
        await pilot.click(FleetTree, offset=(4, 0))
        assert order() == ["unmeasured", "vm2", "vm1", "vm0"]


async def test_the_mouse() -> None:
    app = TreeApp(make_fleet(3, 9))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(FleetTree, offset=(10, 4))
        assert here(app) == "compute-0-0-1"
        await pilot.click(FleetTree, offset=(10, 6), control=True)
        await pilot.click(FleetTree, offset=(10, 8), shift=True)
        assert len(app.fleet_tree.targets()) == 3
        await pilot.click(FleetTree, offset=(1, 2))
        assert app.fleet_tree.model.is_folded(GroupKey(GroupKind.CONTAINER, "vm-container-0-0"))
        await pilot.click(FleetTree, offset=(10, 23))
        assert here(app) == "vm-container-0-0" or here(app).startswith("compute")
        app.heard.clear()
        await pilot.double_click(FleetTree, offset=(10, 5))
        await pilot.pause()
        assert any(isinstance(message, FleetTree.Opened) for message in app.heard)


async def test_the_wheel_scrolls_and_takes_the_cursor_along() -> None:
    app = TreeApp(make_fleet(10, 9))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot._post_mouse_events([MouseScrollDown], FleetTree, (10, 5))
        await pilot.pause()
        assert app.fleet_tree.top == 3
        assert any(here(app) in row for row in rows(app))


async def test_only_containers_in_the_window_are_reported() -> None:
    app = TreeApp(make_fleet(20, 9))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("G")
        await pilot.pause()
        names = [message.names for message in app.heard if isinstance(message, FleetTree.InViewChanged)]
        assert names[-1] == {"vm-container-0-17", "vm-container-0-18", "vm-container-0-19"}


async def test_the_countdown_runs_only_in_the_rows_that_have_one() -> None:
    now = [1_000.0]
    app = TreeApp(make_snapshot(lively_fleet()), Clock(CLOCK.wall, lambda: now[0], CLOCK.zone))
    async with app.run_test(size=(80, 24)):
        assert any("next try in 8 s" in row for row in rows(app))
        now[0] += 1.0
        assert app.fleet_tree.repaint() == 1
        assert app.fleet_tree.repaint() == 0
        assert any("next try in 7 s" in row for row in rows(app))


async def test_a_changed_slice_repaints_one_line() -> None:
    fleet = make_fleet(4, 9)
    app = TreeApp(fleet)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        box = fleet.containers[0]
        paused = replace(box.vms[2], state=DomainState.PAUSED)
        changed = replace(box, vms=(*box.vms[:2], paused, *box.vms[3:]))
        before = rows(app)
        app.fleet_tree.state.show_snapshot(replace(fleet, serial=2, containers=(changed, *fleet.containers[1:])))
        assert app.fleet_tree.repaint() == 1
        assert sum(one != other for one, other in zip(before, rows(app), strict=True)) == 1


async def test_every_shown_slice_at_80x24() -> None:
    app = TreeApp(make_fleet(1, 40))
    async with app.run_test(size=(80, 24)):
        assert sum("compute-" in row for row in rows(app)) >= 18


async def test_theme_and_no_focus_change_only_looks() -> None:
    app = TreeApp(make_fleet(2, 3))
    async with app.run_test(size=(80, 24)) as pilot:
        before = rows(app)
        app.theme = "textual-light"
        await pilot.pause()
        app.set_focus(None)
        await pilot.pause()
        assert rows(app) == before


BOX = st.integers(min_value=0, max_value=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("go"), st.integers(min_value=0, max_value=30)),
        st.tuples(st.just("mark"), st.just(0)),
        st.tuples(st.just("invert"), st.just(0)),
        st.tuples(st.just("range"), st.just(0)),
        st.tuples(st.just("drop"), st.integers(min_value=0, max_value=20)),
        st.tuples(st.just("fold"), BOX),
        st.tuples(st.just("filter"), BOX),
        st.tuples(st.just("sort"), BOX),
        st.tuples(st.just("group"), BOX),
        st.tuples(st.just("down"), BOX),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_any_sequence_keeps_cursor_and_marks_sound(steps: list[tuple[str, int]]) -> None:
    """The cursor is on its identity's row, targets exist, and what is neither gone nor unmarked stays marked."""
    state = FleetState()
    snapshot = make_fleet(4, 4)
    state.show_snapshot(snapshot)
    for step, number in steps:
        marked = set(state.marks.keys())
        snapshot = _play(state, snapshot, step, number)
        present = {vm.key for box in snapshot.containers for vm in box.vms}
        if step not in ("mark", "invert", "range", "go"):
            assert state.marks.keys() == marked & present
        assert set(state.targets()) <= present
        assert (state.key is None) == (not state.model.rows)
        if state.key is not None:
            assert state.model.find(state.key) == state.row
            assert state.model.rows[state.row].key == state.key
        for at, row in enumerate(state.model.rows):
            assert state.model.find(row.key) == at


def _play(state: FleetState, snapshot: InventorySnapshot, step: str, number: int) -> InventorySnapshot:
    if step == "go":
        state.go_to_row(number)
    elif step == "mark":
        state.toggle_mark()
    elif step == "invert":
        state.invert_marks()
    elif step == "range":
        state.switch_range()
    elif step == "fold":
        groups = state.model.groups()
        if groups:
            state.fold(groups[number % len(groups)].key, folded=number % 2 == 0)
    elif step == "filter":
        state.set_filter(parse_filter(("", "compute-0-1", "marked", "cpu>20")[number]))  # type: ignore[arg-type]
    elif step == "sort":
        state.set_sort(SORTABLE[number], descending=number % 2 == 1)
    elif step == "group":
        state.set_grouping(Grouping.CLUSTER if number % 2 else Grouping.CONTAINER)
    elif step == "drop":
        names = sorted(snapshot.by_name())
        if names:
            snapshot = without(snapshot, names[number % len(names)])
            state.show_snapshot(snapshot)
    elif step == "down":
        boxes: list[ContainerView] = list(snapshot.containers)
        at = number % len(boxes)
        stale = tuple(replace(vm, stale_since_s=1.0) for vm in boxes[at].vms)
        boxes[at] = replace(boxes[at], link=LinkState.DOWN, vms=stale)
        snapshot = replace(snapshot, serial=snapshot.serial + 1, containers=tuple(boxes))
        state.show_snapshot(snapshot)
    return snapshot


async def test_messages_say_each_fact_once() -> None:
    app = TreeApp(make_fleet(2, 3))
    async with app.run_test() as pilot:
        await pilot.pause()
        app.heard.clear()
        await pilot.press("j", "j", "space")
        await pilot.pause()
        facts = [message for message in app.heard if not isinstance(message, FleetTree.InViewChanged)]
        kinds = [type(message).__name__ for message in facts]
        assert kinds == ["CursorMoved", "CursorMoved", "CursorMoved", "MarksChanged"]
        assert isinstance(facts[0], FleetTree.CursorMoved)
        assert isinstance(facts[1].key, VmKey)  # type: ignore[attr-defined]
