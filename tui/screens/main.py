"""The main screen: header, filter line, tree, details beside it where there is room, what runs, footer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from core.errors import QuarryError
from core.inventory.snapshot import InventorySnapshot, VmKey
from core.jobs.view import last_states
from core.settings import Settings, settings_path
from tui.actions.action import Context
from tui.actions.keymap import make_keymap
from tui.actions.lifecycle import Run
from tui.actions.offers import Offers, make_offers
from tui.actions.waiting import WaitingNotices, told_of_ended
from tui.background import in_background
from tui.bridge import Bridge, FleetChanged
from tui.fleet import Fleet
from tui.render.clock import Clock
from tui.render.columns import SORTABLE
from tui.render.details import Tab
from tui.render.glyphs import glyphs_for
from tui.render.header import Summary, header_line
from tui.render.lines import Line
from tui.render.main_lines import match_words, runs_line, store_line
from tui.render.rows import Look
from tui.render.text import clean
from tui.screens.details import DetailsScreen
from tui.screens.loading import make_loaders
from tui.screens.type_ahead import TypeAheadScreen
from tui.widgets.details import DetailsPane
from tui.widgets.filter_line import FilterLine
from tui.widgets.fleet_tree import FleetTree, Grouping, GroupKey, messages
from tui.widgets.footer import ActionFooter
from tui.widgets.one_line import OneLine

WIDE = 120
"""Columns from which the details stand beside the tree."""

_ASK_WHO_S = 15.0
_ASK_JOBS_S = 2.0


class MainScreen(TypeAheadScreen):
    """The tree of a fleet. Lifecycle actions are the app's; moving, marking and filtering happen here."""

    CONTEXT = Context.TREE
    DEFAULT_CSS = """
    MainScreen { layers: base; }
    MainScreen #body { height: 1fr; }
    MainScreen FleetTree { width: 1fr; height: 1fr; }
    MainScreen DetailsPane { width: 38%; height: 1fr; border-left: solid $panel; display: none; }
    MainScreen.-wide DetailsPane { display: block; }
    MainScreen #store, MainScreen #runs { display: none; }
    MainScreen #store.-said, MainScreen #runs.-said { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="tree.filter"),
        Binding("x", "xml", "XML", show=False, id="tree.xml"),
    ]

    def __init__(self, fleet: Fleet, settings: Settings, *, clock: Clock | None = None) -> None:
        """Show a fleet.

        Raises:
            SettingsError: The settings' keys cannot be used.
        """
        super().__init__()
        self.fleet = fleet
        self.look = Look(glyphs_for(settings.tui.ascii), clock or Clock())
        self.fleet_tree = FleetTree(self.look, id="tree")
        self._loaders = make_loaders(fleet, self.look.clock)
        self.details = DetailsPane(self.look, self._loaders, id="details")
        self.filter_line = FilterLine(settings.tui.filters, id="filter")
        self.bridge = Bridge(fleet, self, self.show_snapshot)
        self.snapshot = InventorySnapshot(serial=-1, containers=())
        self._keymap = make_keymap(settings.tui.keys, settings_path())
        self._summary = Summary()
        self._waiting = WaitingNotices(self._notice, self._installs_ended)
        self._people: tuple[str, ...] = ()
        self._filter_asks_jobs = False

    def compose(self) -> ComposeResult:
        """Top to bottom."""
        yield OneLine(id="header")
        yield OneLine(id="store")
        yield self.filter_line
        with Horizontal(id="body"):
            yield self.fleet_tree
            yield self.details
        yield OneLine(id="runs")
        yield ActionFooter(id="footer")

    def on_mount(self) -> None:
        """Begin to watch."""
        self.fleet_tree.focus()
        self.bridge.start()
        self.set_interval(_ASK_WHO_S, self._ask_who)
        self.set_interval(_ASK_JOBS_S, self._ask_jobs)
        self.set_interval(1.0, self._show_header)
        self._ask_who()

    def on_unmount(self) -> None:
        """Watch no longer."""
        self.bridge.stop()

    def on_resize(self, event: events.Resize) -> None:
        """Details beside the tree, or not."""
        wide = event.size.width >= WIDE
        self.set_class(wide, "-wide")
        self.fleet_tree.set_beside_details(wide)
        if wide:
            self.details.point_at(self.fleet_tree.cursor_key, now=True)
        self._show_header()

    def show_snapshot(self, snapshot: InventorySnapshot) -> None:
        """Draw a newer picture of the fleet."""
        self.snapshot = snapshot
        self._summary.update(snapshot)
        self.fleet_tree.show_snapshot(snapshot)
        self.details.show_snapshot(snapshot)
        self._waiting.look(snapshot)
        self._show_header()
        self._say("#store", store_line(snapshot))
        self._show_footer()

    def _notice(self, text: str) -> None:
        self.app.notify(clean(text), severity="warning", markup=False)

    def _installs_ended(self, names: Sequence[str]) -> None:
        self.run_worker(self._tell_of_ended(names), group="installs")

    async def _tell_of_ended(self, names: Sequence[str]) -> None:
        for text, severity in await told_of_ended(self.fleet, names):
            self.app.notify(clean(text), severity=severity, markup=False)

    def show_runs(self, runs: Sequence[Run]) -> None:
        """Say what the app's actions are doing."""
        self._say("#runs", runs_line([(run.title, run.finished, run.total, run.sentence) for run in runs], self.look))

    def hidden_marks(self) -> list[str]:
        """Names of marked slices that the filter hides."""
        return self.fleet_tree.hidden_marks()

    def peel(self) -> bool:
        """Take one layer away: the details' focus, then the filter, then the marks. False when there was none."""
        if self.focused is not self.fleet_tree:
            self.fleet_tree.focus()
        elif not self.filter_line.clear():
            marked = len(self.fleet_tree.state.marks) > 0
            self.fleet_tree.clear_marks()
            return marked
        return True

    def tell(self, word: str, rest: str) -> str:
        """Carry out ``filter``, ``sort`` or ``group`` of the command bar; returns a complaint or nothing."""
        if word == "filter":
            self.filter_line.set_value(rest)
            error = self.filter_line.check(rest)
            return f"filter: {error.message}" if error is not None else ""
        if word == "sort":
            names = {column.value for column in SORTABLE}
            if rest not in names:
                return f'sort: no column "{rest}": {", ".join(column.value for column in SORTABLE)}'
            self.fleet_tree.sort_by(rest)
        if word == "group":
            if rest not in {one.value for one in Grouping}:
                return f'group: by "container" or "cluster", not "{rest}"'
            self.fleet_tree.set_grouping(rest)
        return ""

    def action_filter(self) -> None:
        """Begin to type a filter; in the details, a search."""
        self.filter_line.open()

    def action_xml(self) -> None:
        """The definition of the cursor's slice."""
        vm = self.fleet_tree.cursor_vm()
        if vm is not None:
            self._open_details(vm.key, Tab.XML)

    @on(FleetChanged)
    def _fleet_changed(self) -> None:
        self.bridge.deliver()

    @on(messages.CursorMoved)
    def _cursor_moved(self, event: messages.CursorMoved) -> None:
        if self.has_class("-wide"):
            self.details.point_at(event.key)
        self._show_footer()

    @on(messages.MarksChanged)
    @on(messages.Narrowed)
    def _counts_changed(self) -> None:
        marks = self.fleet_tree.state.marks
        self.filter_line.say(
            match_words(self.fleet_tree.model.matches, self.fleet_tree.model.total, len(marks), marks.containers)
        )
        self._show_footer()

    @on(messages.Opened)
    def _opened(self, event: messages.Opened) -> None:
        self._open_details(event.key, Tab.OVERVIEW)

    @on(messages.InViewChanged)
    def _in_view_changed(self, event: messages.InViewChanged) -> None:
        self.fleet.set_in_view(event.names)

    @on(FilterLine.Changed)
    def _filter_changed(self, event: FilterLine.Changed) -> None:
        self.fleet_tree.set_filter(event.filter)
        self._filter_asks_jobs = event.filter is not None and event.filter.uses_jobs
        self._ask_jobs()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.fleet_tree.focus()

    def _open_details(self, key: VmKey, tab: Tab) -> None:
        if self.has_class("-wide"):
            self.details.point_at(key, now=True)
            self.details.focus()
            self.details.choose(tab)
            return
        page = DetailsScreen(key, self.snapshot, self.look, self._loaders, self._offers([key], Context.DETAILS))
        page.pane.tab = tab
        self.app.push_screen(page)

    def _show_header(self) -> None:
        line = header_line(
            self._summary,
            self.look,
            self.size.width,
            frontend=self.snapshot.frontend,
            people=self._people,
            read_only=self.fleet.read_only,
            demo=self.snapshot.demo,
        )
        self.query_one("#header", OneLine).show(line)

    def _show_footer(self) -> None:
        marked = len(self.fleet_tree.state.marks) > 0
        offers = self._offers(self.fleet_tree.targets(), Context.TREE, marked=marked)
        self.query_one("#footer", ActionFooter).show(offers)
        page = self.app.screen
        if isinstance(page, DetailsScreen):
            page.show_snapshot(self.snapshot, self._offers([page.key], Context.DETAILS))

    def _offers(self, keys: Sequence[VmKey], context: Context, *, marked: bool = False) -> Offers:
        names = {key.container for key in keys}
        near = tuple(container for container in self.snapshot.containers if container.name in names)
        return make_offers(
            replace(self.snapshot, containers=near),
            keys,
            marked=marked,
            keymap=self._keymap,
            check=self.fleet.check,
            read_only=self.fleet.read_only,
            context=context,
            container=self.fleet_tree.cursor_container() or "",
            row=self.fleet_tree.cursor_key.name if isinstance(self.fleet_tree.cursor_key, GroupKey) else "",
        )

    def _say(self, where: str, line: Line) -> None:
        widget = self.query_one(where, OneLine)
        widget.set_class(bool(line), "-said")
        widget.show(line)

    def _ask_who(self) -> None:
        self.run_worker(self._learn_who(), group="who", exclusive=True, exit_on_error=False)

    async def _learn_who(self) -> None:
        try:
            company = await in_background(self.fleet.company, "who")
        except QuarryError:
            return
        self._people = company.names
        self._show_header()

    def _ask_jobs(self) -> None:
        if self._filter_asks_jobs:
            self.run_worker(self._learn_jobs(), group="jobs", exclusive=True, exit_on_error=False)

    async def _learn_jobs(self) -> None:
        """Only while a filter wants to know: what the last job of each slice came to."""
        try:
            last = last_states(await in_background(self.fleet.desk.jobs, "jobs"))
        except QuarryError:
            return
        vms = [vm for container in self.snapshot.containers for vm in container.vms]
        self.fleet_tree.set_jobs({vm.key: last[vm.name] for vm in vms if vm.name in last and vm.record is not None})
