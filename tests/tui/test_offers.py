"""The footer offers only what can be done, and says to how many."""

from __future__ import annotations

from pathlib import Path

from textual.app import App, ComposeResult
from textual.geometry import Region

from core.hypervisor.model import DomainState, LinkState
from core.operations.capabilities import allowed
from tests.builders import make_container, make_snapshot, make_vm
from tests.tui.plans import text_of
from tests.tui.screens import lively_fleet, make_app
from tui.actions.keymap import make_keymap
from tui.actions.offers import Offers, make_offers
from tui.actions.table import BY_ID
from tui.widgets.footer import ActionFooter

RUNNING = make_vm("compute-0-0-0")
PAUSED = make_vm("compute-0-0-1", slice_no=1, state=DomainState.PAUSED)
OFF = make_vm("compute-0-0-2", slice_no=2, state=DomainState.SHUT_OFF)
UNKNOWN = make_vm("guest", in_store=False)
FLEET = make_snapshot([make_container(vms=[RUNNING, PAUSED, OFF, UNKNOWN])])
KEYS = make_keymap({})


def labels(offers: Offers) -> dict[str, int | None]:
    return {offer.label: offer.touched for offer in offers.offers}


def test_a_running_vm_can_be_stopped_and_not_started() -> None:
    offers = make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed)
    assert offers.subject == "compute-0-0-0"
    assert "Start" not in labels(offers)
    assert {"Shut down", "Stop", "Pause", "Save"} <= labels(offers).keys()


def test_a_paused_vm_offers_resume_on_the_pause_key() -> None:
    offers = make_offers(FLEET, [PAUSED.key], marked=False, keymap=KEYS, check=allowed)
    assert {offer.label: offer.key for offer in offers.offers}["Resume"] == "p"


def test_marked_vms_say_how_many_each_key_would_touch() -> None:
    keys = [RUNNING.key, PAUSED.key, OFF.key]
    offers = make_offers(FLEET, keys, marked=True, keymap=KEYS, check=allowed)
    assert offers.subject == "3 marked"
    assert labels(offers)["Start"] == 1
    assert labels(offers)["Stop"] == 2
    assert "Pause/Resume" in labels(offers)


def test_a_domain_unknown_to_the_store_can_be_adopted() -> None:
    assert "Adopt" in labels(make_offers(FLEET, [UNKNOWN.key], marked=False, keymap=KEYS, check=allowed))
    assert "Adopt" not in labels(make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed))


def test_nothing_is_offered_on_a_container_that_is_down() -> None:
    fleet = make_snapshot([make_container(vms=[RUNNING], link=LinkState.DOWN, link_reason="refused")])
    offers = make_offers(fleet, [RUNNING.key], marked=False, keymap=KEYS, check=allowed)
    assert not {"Stop", "Pause", "Save", "Start"} & labels(offers).keys()


def test_read_only_offers_no_change() -> None:
    offers = make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed, read_only=True)
    assert labels(offers).keys() == {"Console", "Partitions"}
    assert not any(BY_ID[offer.action_id].writes for offer in offers.offers)
    assert {"Command", "Help", "Quit"} <= {offer.label for offer in offers.general}


def test_the_footer_keeps_the_tables_order() -> None:
    offers = make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed)
    assert "".join(offer.key for offer in offers.offers) == "dSpwmcPea"


def test_a_vm_that_is_off_can_be_installed_and_removed() -> None:
    offers = make_offers(FLEET, [OFF.key], marked=False, keymap=KEYS, check=allowed)
    assert {"Start", "Install", "Remove"} <= labels(offers).keys()
    assert "Install" not in labels(make_offers(FLEET, [UNKNOWN.key], marked=False, keymap=KEYS, check=allowed))


def test_a_containers_row_offers_its_marks_its_partitions_and_new_vms() -> None:
    offers = make_offers(FLEET, [], marked=False, keymap=KEYS, check=allowed, container="vm-container-0-0")
    assert offers.subject == "vm-container-0-0"
    assert labels(offers).keys() == {"Mark", "Partitions", "Drain", "Add"}


def test_the_frontends_row_is_named_and_offers_new_vms() -> None:
    offers = make_offers(FLEET, [], marked=False, keymap=KEYS, check=allowed, row="rocks.example.org")
    assert (offers.subject, set(labels(offers))) == ("rocks.example.org", {"Add"})


def test_partitions_are_of_the_cursor_and_never_of_a_mark() -> None:
    offers = make_offers(FLEET, [RUNNING.key], marked=True, keymap=KEYS, check=allowed)
    assert "Partitions" not in labels(offers)


def test_marks_that_are_gone_do_not_count() -> None:
    gone = make_vm("compute-9-9-9")
    offers = make_offers(FLEET, [RUNNING.key, gone.key], marked=True, keymap=KEYS, check=allowed)
    assert offers.subject == "1 marked"


def test_a_remapped_key_is_what_the_footer_shows() -> None:
    keymap = make_keymap({"vm.stop": "f9"})
    offers = make_offers(FLEET, [RUNNING.key], marked=False, keymap=keymap, check=allowed)
    assert {offer.label: offer.key for offer in offers.offers}["Stop"] == "f9"


def test_many_marks_are_not_counted_one_by_one() -> None:
    vms = [make_vm(f"compute-0-0-{at}", slice_no=at) for at in range(400)]
    fleet = make_snapshot([make_container(vms=vms)])
    asked = 0

    def check(verb: str, vm: object, container: object) -> object:
        nonlocal asked
        asked += 1
        return allowed(verb, vms[0], fleet.containers[0])

    make_offers(fleet, [vm.key for vm in vms], marked=True, keymap=KEYS, check=check)  # type: ignore[arg-type]
    assert 0 < asked < 100


class FooterHost(App[None]):
    def compose(self) -> ComposeResult:
        yield ActionFooter()

    def action_perform(self, action_id: str) -> None:
        self.title = action_id


async def test_general_keys_stay_in_view_when_the_line_is_short() -> None:
    app = FooterHost()
    async with app.run_test(size=(40, 10)) as pilot:
        offers = make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed)
        app.query_one(ActionFooter).show(offers)
        await pilot.pause()
        last = text_of(app).splitlines()[-1]
        assert last.rstrip().endswith("/ : ? q")
        assert "compute" in last
        await pilot.resize_terminal(160, 20)
        await pilot.pause()
        assert ": Command" in text_of(app).splitlines()[-1]


async def test_a_click_on_an_entry_does_what_its_key_does() -> None:
    app = FooterHost()
    async with app.run_test(size=(120, 10)) as pilot:
        app.query_one(ActionFooter).show(make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed))
        await pilot.pause()
        at = text_of(app).splitlines()[-1].index("S Stop")
        await pilot.click(ActionFooter, offset=(at + 2, 0))
        await pilot.pause()
        assert app.title == "vm.stop"


async def test_a_click_on_a_key_that_a_widget_owns_presses_it(tmp_path: Path) -> None:
    app = make_app(*lively_fleet(), folder=tmp_path)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("j")
        await pilot.pause()
        footer = app.main.query_one(ActionFooter)
        await pilot.click(footer, offset=(text_of(app).splitlines()[-1].index("Space Mark") + 1, 0))
        await pilot.pause()
        assert len(app.main.fleet_tree.targets()) == 10
        await pilot.press("L")
        await pilot.pause()
        footer = app.screen.query_one(ActionFooter)
        await pilot.click(footer, offset=(text_of(app).splitlines()[-1].index("/ Filter"), 0))
        await pilot.pause()
        assert app.focused is app.screen.query_one("#filter")
        await pilot.click(footer, offset=(text_of(app).splitlines()[-1].index("Esc Back"), 0))
        await pilot.pause()
        assert app.screen is app.main


def test_a_container_is_emptied_from_its_own_row_only() -> None:
    on_row = make_offers(FLEET, [], marked=False, keymap=KEYS, check=allowed, container="vm-container-0-0")
    on_vm = make_offers(FLEET, [RUNNING.key], marked=False, keymap=KEYS, check=allowed, container="vm-container-0-0")
    assert "Drain" in labels(on_row) and "Drain" not in labels(on_vm)


class NotingFooter(ActionFooter):
    """Notes what it is told to paint."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[Region, ...]] = []

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> NotingFooter:
        self.told.append(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


async def test_a_move_to_an_equal_paints_the_subject_alone() -> None:
    """The footer is the widest line of the screen: over a slow link its keys must not come again with every move."""

    class Host(App[None]):
        def compose(self) -> ComposeResult:
            yield NotingFooter()

    app = Host()
    other = make_vm("compute-0-0-7", slice_no=7)
    fleet = make_snapshot([make_container(vms=[RUNNING, other, OFF])])
    async with app.run_test(size=(120, 5)) as pilot:
        footer = app.query_one(NotingFooter)
        footer.show(make_offers(fleet, [RUNNING.key], marked=False, keymap=KEYS, check=allowed))
        await pilot.pause()
        footer.told.clear()
        footer.show(make_offers(fleet, [other.key], marked=False, keymap=KEYS, check=allowed))
        await pilot.pause()
        assert footer.told == [(Region(13, 0, 1, 1),)]
        assert "compute-0-0-7" in text_of(app)
        footer.show(make_offers(fleet, [OFF.key], marked=False, keymap=KEYS, check=allowed))
        await pilot.pause()
        assert "compute-0-0-2" in text_of(app) and "Start" in text_of(app) and "Pause" not in text_of(app)
