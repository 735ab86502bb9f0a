"""The action table is whole, its keys keep the grammar, and a user's keys are laid over it or refused."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from core.errors import SettingsError
from core.operations.plan import Confirm
from tui.actions.action import Context
from tui.actions.keymap import bindings, make_keymap, pressed_key, show_key
from tui.actions.perform import Performer
from tui.actions.table import ACTIONS, BY_ID, LIFECYCLE
from tui.screens.confirm import ConfirmDialog
from tui.screens.consoles import ConsolesScreen
from tui.screens.main import MainScreen
from tui.screens.plan import PlanScreen
from tui.screens.preview import PreviewScreen
from tui.widgets.details import DetailsPane
from tui.widgets.fleet_tree import FleetTree
from tui.widgets.lines import Lines
from tui.widgets.row_table import RowTable

WIDGETS = (
    ConsolesScreen,
    FleetTree,
    DetailsPane,
    MainScreen,
    Lines,
    RowTable,
    ConfirmDialog,
    PlanScreen,
    PreviewScreen,
)


def bound_ids(widget: type) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for binding in Binding.make_bindings(widget.__dict__["BINDINGS"]):
        if binding.id:
            found.setdefault(binding.id, set()).add(binding.key)
    return found


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ACTIONS)


def test_every_performed_action_has_its_method() -> None:
    missing = []
    for action in ACTIONS:
        method = f"do_{action.id.replace('.', '_').replace('-', '_')}"
        if action.performed and not action.verb and not hasattr(Performer, method):
            missing.append(method)
    assert missing == []


@pytest.mark.parametrize("widget", WIDGETS)
def test_what_widgets_bind_is_what_the_table_says(widget: type) -> None:
    keys = make_keymap({}).keys
    for action_id, bound in bound_ids(widget).items():
        assert action_id in BY_ID, f"{widget.__name__} binds {action_id}, which the table does not have"
        if widget is not RowTable:
            missing = set(keys[action_id]) - bound - {"escape"}
            assert missing == set(), f"{action_id}: the table says more keys than {widget.__name__} binds"
        assert bound <= set(keys[action_id]), action_id


def test_every_key_can_be_read_back_from_how_it_is_shown() -> None:
    keys = {key for keys in make_keymap({}).keys.values() for key in keys}
    assert {pressed_key(show_key(key)) for key in keys} == keys


def test_no_ctrl_key_changes_a_vm() -> None:
    assert [a.id for a in ACTIONS if a.writes and any("ctrl" in key for key in a.keys)] == []


def test_enter_is_never_yes() -> None:
    assert "enter" not in BY_ID["confirm.yes"].keys
    assert [a.id for a in LIFECYCLE if "enter" in a.keys] == []


def test_capitals_ask_and_harmless_keys_do_not() -> None:
    for action in LIFECYCLE:
        if action.keys[0].isupper():
            assert action.confirm >= Confirm.LIST, action.id
    assert BY_ID["vm.start"].confirm is Confirm.NONE
    assert BY_ID["vm.remove"].confirm is Confirm.TYPED


def test_one_letter_has_one_meaning() -> None:
    """Pages and the tree agree; dialogs, consoles and what is about partitions have vocabularies of their own."""
    meaning: dict[str, str] = {}
    for action in ACTIONS:
        own = ({Context.CONFIRM}, {Context.CONSOLE}, {Context.PARTITIONS}, {Context.PREVIEW})
        if action.contexts in own or action.id.startswith("list."):
            continue
        for key in action.keys:
            assert meaning.setdefault(key, action.id) == action.id, key


def test_a_user_moves_a_key_by_id() -> None:
    keymap = make_keymap({"vm.start": "f5", "tree.mark": "space,f"})
    assert keymap.keys["vm.start"] == ("f5",)
    assert keymap.changed == {"vm.start": "f5", "tree.mark": "space,f"}
    (bound,) = bindings([BY_ID["vm.start"]], keymap)
    assert (bound.key, bound.id) == ("f5", "vm.start")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"vm.strat": "f5"}, 'there is no action "vm.strat"'),
        ({"vm.start": "S"}, '"vm.start" wants the key "S"'),
        ({"vm.start": "j"}, '"vm.start" wants the key "j"'),
        ({"vm.start": "ctrl+e"}, "no ctrl key changes a VM"),
        ({"confirm.yes": "enter"}, "Enter is never yes"),
        ({"view.log": "ctrl+c"}, "the terminal keeps that key"),
        ({"view.log": "wheel"}, "no terminal sends"),
    ],
)
def test_impossible_keys_name_the_file_and_the_entry(wish: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as raised:
        make_keymap(wish, "/etc/quarry.toml")
    assert words in raised.value.sentence
    assert "/etc/quarry.toml: tui.keys" in raised.value.sentence


def test_two_actions_may_swap_keys() -> None:
    keymap = make_keymap({"vm.start": "S", "vm.stop": "s"})
    assert keymap.shown("vm.start") == "S"


@pytest.mark.parametrize(
    ("key", "shown"), [("question_mark", "?"), ("ctrl+r", "Ctrl-R"), ("escape", "Esc"), ("a", "a"), ("minus", "-")]
)
def test_keys_are_shown_as_people_write_them(key: str, shown: str) -> None:
    assert show_key(key) == shown
