"""The fleet preview: what every node would get and lose, equal results in one row."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from rich.text import Text
from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static

from core.errors import QuarryError
from core.outcome import Refused
from partition_editor.findings import Severity
from partition_editor.fleet.preview import FleetPreview, Group, NodePreview, worst
from partition_editor.fleet.showing import finding_of, headline, names_of, result_of, scheme_of
from partition_editor.showing import show_layout
from tui.actions.action import Context
from tui.render.text import clean
from tui.screens.output import OutputScreen
from tui.screens.page import Page
from tui.text import count
from tui.widgets.lines import Line, Role
from tui.widgets.row_table import RowTable

Load = Callable[[str, bool], Awaitable[FleetPreview | Refused]]
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

    CONTEXT = Context.LIST
    DEFAULT_CSS = """
    PreviewScreen #hosts { border: none; padding: 0 1; height: 1; background: $surface; }
    PreviewScreen #lost { height: auto; max-height: 4; padding: 0 1; color: $error; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "hosts", "Hosts", show=False),
        Binding("t", "group", "Group", show=False),
        Binding("r", "released", "As if released", show=False),
        Binding("w", "scheme", "Scheme", show=False),
        Binding("I", "install", "Install", show=False),
    ]

    def __init__(self, load: Load, run_line: RunLine, hosts: str = "", *, read_only: bool = False) -> None:
        super().__init__("Partitions")
        self._load = load
        self._run_line = run_line
        self._hosts = hosts
        self._read_only = read_only
        self._released = False
        self._grouped = True
        self._preview: FleetPreview | None = None
        self._rows: list[Group] = []

    def body(self) -> Iterable[Widget]:
        """Host list, table, losses."""
        yield Input(self._hosts, placeholder=f"/ host list: compute, rack0, compute-0-[0-9]; empty: {EVERYTHING}",
                    id="hosts", compact=True)  # fmt: skip
        yield RowTable(*COLUMNS, id="rows")
        yield Static("", id="lost", markup=False)

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """What the footer names."""
        return (
            ("Enter", "In full"),
            ("/", "Hosts"),
            ("t", "Group"),
            ("r", "As if released"),
            ("w", "Scheme"),
            ("I", "Release, install"),
        )

    def on_mount(self) -> None:
        """Work it out at once."""
        super().on_mount()
        self.query_one("#rows").focus()
        self.reload()

    @work(exclusive=True)
    async def reload(self) -> None:
        """Ask for the preview; programs may take their time, and a newer question replaces this one."""
        self.set_title(f"Partitions of {self._hosts or EVERYTHING}: working it out …")
        try:
            answer = await self._load(self._hosts, self._released)
        except QuarryError as error:
            answer = Refused(error.sentence)
        if isinstance(answer, Refused):
            self._preview, self._rows = None, []
            self.query_one("#rows", RowTable).clear()
            self.query_one("#lost", Static).update("")
            self.set_title(f"Partitions: {answer.reason}")
            return
        self._preview = answer
        self.repaint()

    def repaint(self) -> None:
        """Show the preview as rows."""
        shown = self._preview
        if shown is None:
            return
        self._rows = list(shown.groups) if self._grouped else [Group((one,)) for one in shown.nodes]
        self.query_one("#rows", RowTable).fill(self._fitted())
        said = "If released: " if self._released else ""
        self.set_title(f"{said}{headline(shown)}")
        lost = [f"data lost: {names_of(one)} {_lost(one.first)}" for one in shown.groups if one.first.outcome.losses]
        more = [f"and {len(lost) - MOST_LOST} more"] if len(lost) > MOST_LOST else []
        self.query_one("#lost", Static).update("\n".join(clean(one) for one in [*lost[:MOST_LOST], *more]))

    @on(Input.Submitted, "#hosts")
    def choose(self, event: Input.Submitted) -> None:
        """Enter in the host list: other nodes."""
        self._hosts = event.value.strip()
        self.query_one("#rows").focus()
        self.reload()

    def on_key(self, event: events.Key) -> None:
        """Esc leaves the host list before it leaves the view."""
        field = self.query_one("#hosts", Input)
        if event.key == "escape" and field.has_focus:
            event.stop()
            event.prevent_default()
            field.value = self._hosts
            self.query_one("#rows").focus()

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


def _lost(one: NodePreview) -> str:
    return ", ".join(" ".join(word for word in (loss.name, loss.mountpoint) if word) for loss in one.outcome.losses)


def details_of(row: Group) -> list[Line]:
    """A row in full."""
    one = row.first
    lines = [Line(f"scheme: {one.node.applied.kind.value}, {one.node.applied.why}", Role.STRONG, hang=2)]
    if one.outcome.trouble:
        lines.append(Line(one.outcome.trouble, Role.BAD, hang=2))
    decision = one.outcome.decision
    if decision is not None:
        lines += [Line(""), *(Line(f"{disk}: {sentence}", hang=2) for disk, sentence in decision.why.items())]
        lines += [Line(""), *(Line(line, hang=2) for line in decision.lines)]
    if one.outcome.answer is not None:
        lines += [Line(""), *(Line(text) for text in show_layout(one.outcome.answer).splitlines())]
    lines += [Line(f"lost: {loss.sentence}", Role.BAD, hang=2) for loss in one.outcome.losses]
    lines += [Line(f"{found.rule}: {found.message}", _role(found.severity), hang=2)
              for found in (one.outcome.findings or one.text.findings)]  # fmt: skip
    if len(row.nodes) > 1:
        names = " ".join(member.node.name for member in row.nodes)
        lines += [Line(""), Line(f"{len(row.nodes)} nodes: {names}", Role.QUIET, hang=2)]
    return lines


def _role(severity: Severity) -> Role:
    return {Severity.ERROR: Role.BAD, Severity.WARNING: Role.WARNING}.get(severity, Role.NORMAL)
