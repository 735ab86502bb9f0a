"""The fleet preview: what every node would get and lose, equal results in one row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static

from core.errors import QuarryError
from core.outcome import Refused
from partition_editor.findings import Severity
from partition_editor.fleet.comparing import against_today
from partition_editor.fleet.preview import FleetPreview, Group, Report, worst
from partition_editor.fleet.showing import change_lines, finding_of, headline, names_of, result_of, scheme_of
from tui.actions.action import Context
from tui.actions.keymap import show_key
from tui.actions.preview_table import PREVIEW
from tui.render.text import clean
from tui.screens.output import OutputScreen
from tui.screens.page import Page
from tui.screens.preview_rows import details_of, lost_of, narrowed
from tui.text import count
from tui.widgets.line_input import LineInput
from tui.widgets.lines import Line
from tui.widgets.row_table import RowTable

Load = Callable[[str, bool, Report], Awaitable[FleetPreview | Refused]]
RunLine = Callable[[str], Awaitable[None]]

COLUMNS = ("NODES", "", "SCHEME", "RESULT", "FINDINGS")
EVERYTHING = "every node"
WIDE = 110
SCROLLBAR = 4
"""Cells the table keeps for itself."""
MOST_LOST = 3
"""Lines about losses below the table; Enter on a row tells all."""


class PreviewScreen(Page):
    """One row for each group of nodes, or for each node. Enter shows a row in full."""

    CONTEXT = Context.PREVIEW
    DEFAULT_CSS = """
    PreviewScreen Input { border: none; padding: 0 1; height: 1; background: $surface; }
    PreviewScreen #filter { display: none; }
    PreviewScreen #lost { height: auto; max-height: 4; padding: 0 1; color: $error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "Filter", show=False, id="preview.filter"),
        Binding("h", "hosts", "Hosts", show=False, id="preview.hosts"),
        Binding("t", "group", "Group", show=False, id="preview.group"),
        Binding("r", "released", "As if released", show=False, id="preview.released"),
        Binding("D", "today", "Against today", show=False, id="preview.today"),
        Binding("v", "previous", "Against the version before", show=False, id="preview.versions"),
        Binding("c", "installed", "Against the last install", show=False, id="preview.compare"),
        Binding("w", "scheme", "Scheme", show=False, id="preview.schemes"),
        Binding("I", "install", "Install", show=False, id="preview.install"),
    ]

    class Ran(Message):
        """Programs have run.

        Attributes:
            asked: Which question they are of.
        """

        def __init__(self, asked: int, done: int, of: int) -> None:
            super().__init__()
            self.asked, self.done, self.of = asked, done, of

    def __init__(self, load: Load, run_line: RunLine, hosts: str = "", *, read_only: bool = False) -> None:
        super().__init__("Partitions")
        self._load = load
        self._run_line = run_line
        self._hosts = hosts
        self._read_only = read_only
        self._released = False
        self._grouped = True
        self._preview: FleetPreview | None = None
        self._filter = ""
        self._asked = self._working = 0
        self._rows: list[Group] = []

    def body(self) -> Iterable[Widget]:
        """Host list, table, losses."""
        yield LineInput(self._hosts, placeholder=f"h host list: compute, rack0, compute-0-[0-9]; empty: {EVERYTHING}",
                    id="hosts", compact=True)  # fmt: skip
        yield LineInput(placeholder="/ words in name, scheme, result or findings; !word leaves out", id="filter",
                    compact=True)  # fmt: skip
        yield RowTable(*COLUMNS, id="rows")
        yield Static("", id="lost", markup=False)

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """What the footer names."""
        return tuple((show_key(action.keys[0]), action.label) for action in PREVIEW)

    def on_mount(self) -> None:
        """Work it out at once."""
        super().on_mount()
        self.query_one("#rows").focus()
        self.reload()

    @work(exclusive=True)
    async def reload(self) -> None:
        """Ask for the preview; programs may take their time, and a newer question replaces this one."""
        self._asked += 1
        self._working = asked = self._asked
        self.set_title(f"Partitions of {self._hosts or EVERYTHING}: working it out …")
        try:
            answer = await self._load(self._hosts, self._released, partial(self._report, asked))
        except QuarryError as error:
            answer = Refused(error.sentence)
        self._working = 0
        if isinstance(answer, Refused):
            self._preview, self._rows = None, []
            self.query_one("#rows", RowTable).clear()
            self.query_one("#lost", Static).update("")
            self.set_title(f"Partitions: {answer.reason}")
            return
        self._preview = answer
        self.repaint()

    def _report(self, asked: int, done: int, of: int) -> None:
        """Called in the thread in which programs run; messages may be posted from any."""
        self.post_message(self.Ran(asked, done, of))

    @on(Ran)
    def tell(self, event: Ran) -> None:
        """How far the programs are, while they are waited for."""
        if event.asked == self._working:
            hosts = self._hosts or EVERYTHING
            self.set_title(f"Partitions of {hosts}: {event.done} of {count(event.of, 'program')} run …")

    def repaint(self) -> None:
        """Show the preview as rows."""
        shown = self._preview
        if shown is None:
            return
        groups = narrowed(shown, self._filter)
        self._rows = list(groups) if self._grouped else [Group((one,)) for row in groups for one in row.nodes]
        if not self._grouped:
            order = {one.node.name: place for place, one in enumerate(shown.nodes)}
            self._rows.sort(key=lambda row: order[row.first.node.name])
        self.query_one("#rows", RowTable).fill(self._fitted())
        said = "If released: " if self._released else ""
        left = sum(len(row.nodes) for row in groups)
        only = f"{left} shown. " if self._filter.strip() else ""
        self.set_title(f"{only}{said}{headline(shown)}")
        lost = [f"data lost: {names_of(one)} {lost_of(one.first)}" for one in groups if one.first.outcome.losses]
        more = [f"and {len(lost) - MOST_LOST} more"] if len(lost) > MOST_LOST else []
        self.query_one("#lost", Static).update("\n".join(clean(one) for one in [*lost[:MOST_LOST], *more]))

    @on(Input.Submitted, "#hosts")
    def choose(self, event: Input.Submitted) -> None:
        """Enter in the host list: other nodes."""
        self._hosts = event.value.strip()
        self.query_one("#rows").focus()
        self.reload()

    @on(Input.Changed, "#filter")
    def narrow(self, event: Input.Changed) -> None:
        """As it is typed."""
        self._filter = event.value
        self.repaint()

    @on(Input.Submitted, "#filter")
    def narrowed_down(self) -> None:
        """Enter: to the rows that are left."""
        self._leave_filter()

    def on_key(self, event: events.Key) -> None:
        """Esc leaves a field, then takes the filter away, before it leaves the view."""
        hosts, words = self.query_one("#hosts", Input), self.query_one("#filter", Input)
        if event.key != "escape" or not (hosts.has_focus or self._filter or words.has_focus):
            return
        event.stop()
        event.prevent_default()
        if hosts.has_focus:
            hosts.value = self._hosts
            self.query_one("#rows").focus()
        else:
            words.value = ""
            self._leave_filter()

    def _leave_filter(self) -> None:
        words = self.query_one("#filter", Input)
        words.display = bool(words.value.strip())
        self.query_one("#rows").focus()

    def action_filter(self) -> None:
        """To the filter."""
        words = self.query_one("#filter", Input)
        words.display = True
        words.focus()

    def action_hosts(self) -> None:
        """To the host list."""
        self.query_one("#hosts").focus()

    def action_group(self) -> None:
        """Equal results in one row, or every node in its own."""
        self._grouped = not self._grouped
        self.repaint()

    def action_released(self) -> None:
        """As it is, or as if every disk were allowed to be formatted once."""
        self._released = not self._released
        self.reload()

    def action_today(self) -> None:
        """What the installs would change of what is on the disks now."""
        if self._preview is not None:
            lines = change_lines(against_today(self._preview)) or ["nothing changes"]
            self.app.push_screen(
                OutputScreen("Against what is on the disks today", [Line(one, hang=2) for one in lines])
            )

    @work
    async def action_previous(self) -> None:
        """What the newest versions of the schemes change."""
        released = " released=yes" if self._released else ""
        await self._run_line(f"report host partition {self._hosts} against=previous{released}".replace("  ", " "))

    @work
    async def action_installed(self) -> None:
        """What the last installs of the row's nodes made otherwise than planned."""
        row = self._row()
        if row is not None:
            names = " ".join(one.node.name for one in row.nodes)
            await self._run_line(f"report host partition installed {names}")

    @work
    async def action_scheme(self) -> None:
        """Every version of every scheme."""
        await self._run_line("list host partition scheme versions=yes")

    @work
    async def action_install(self) -> None:
        """Release the row's disks and start the installs; the command names what is lost and has it typed."""
        row = self._row()
        if row is None:
            return
        if self._read_only:
            self.app.notify("Quarry is in read-only mode", severity="warning", markup=False)
            return
        names = [one.node.name for one in row.nodes if not one.is_unknown]
        if not names:
            self.app.notify(f"{names_of(row)}: {row.first.outcome.trouble}", severity="warning", markup=False)
            return
        self.set_title(f"looking for stamps on {count(len(names), 'node')} …")
        await self._run_line(f"release host partition {' '.join(names)} reinstall=yes wait=no")
        self.reload()

    @on(DataTable.RowSelected)
    def in_full(self) -> None:
        """Enter: scheme, directives, layout, what happens to each disk, findings."""
        row = self._row()
        if row is not None:
            self.app.push_screen(OutputScreen(names_of(row), details_of(row)))

    def _row(self) -> Group | None:
        at = self.query_one("#rows", RowTable).cursor_row
        return self._rows[at] if 0 <= at < len(self._rows) else None

    def on_resize(self) -> None:
        """Other widths, other cuts."""
        self.repaint()

    def _fitted(self) -> list[tuple[Text, ...]]:
        """Every row, its cells cut so that all columns are on the screen."""
        rows = [self._cells(one) for one in self._rows]
        wide = self.size.width >= WIDE
        longest = [max((len(row[column].plain) for row in rows), default=0) for column in range(len(COLUMNS))]
        names, scheme, found = min(longest[1], 34 if wide else 24), min(longest[2], 30 if wide else 14), longest[4]
        left = self.size.width - 2 * len(COLUMNS) - SCROLLBAR - max(len(COLUMNS[0]), longest[0]) - names - scheme
        found = min(max(found, len(COLUMNS[4])), max(left // 3, len(COLUMNS[4])))
        for row in rows:
            for cell, width in zip(row[1:], (names, scheme, left - found, found), strict=True):
                cell.truncate(max(width, 8), overflow="ellipsis")
        return rows

    def _cells(self, row: Group) -> tuple[Text, ...]:
        one = row.first
        found = Text(clean(finding_of(one)))
        grave = worst(one.outcome.findings or one.text.findings)
        if one.outcome.losses or one.outcome.is_refused:
            found.stylize(self.app.theme_variables["error"])
        elif grave is not None and grave.severity is Severity.WARNING:
            found.stylize(self.app.theme_variables["warning"])
        number = Text(str(len(row.nodes)), justify="right")
        texts = (names_of(row), scheme_of(one), result_of(one.outcome))
        return (number, *(Text(clean(text)) for text in texts), found)
