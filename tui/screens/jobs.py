"""Jobs of everybody on this frontend: how far they are, what they did, and what can still be done about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import DataTable

from core.errors import QuarryError
from core.jobs.desk import JobDesk
from core.jobs.journal import JobOptions
from core.jobs.view import JobView
from core.outcome import Refused, Verdict
from tui.actions.action import Context
from tui.background import in_background
from tui.render.clock import Clock
from tui.render.jobs import COLUMNS, job_row, step_lines
from tui.render.text import clean
from tui.screens.output import OutputScreen
from tui.screens.page import Page
from tui.widgets.lines import Line, Lines, Role
from tui.widgets.row_table import RowTable

RELOAD_S = 1.0


class JobsScreen(Page):
    """A table of jobs, and below it the steps of the one under the cursor, which holds on to its job."""

    CONTEXT = Context.JOBS
    DEFAULT_CSS = """
    JobsScreen #steps { height: 1fr; border-top: solid $panel; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("K", "cancel", "Cancel", show=False, id="jobs.cancel"),
        Binding("R", "resume", "Resume", show=False, id="jobs.resume"),
        Binding("B", "roll_back", "Roll back", show=False, id="jobs.roll-back"),
        Binding("A", "archive", "Archive", show=False, id="jobs.archive"),
    ]

    def __init__(self, desk: JobDesk, clock: Clock, *, ascii_only: bool = False, read_only: bool = False) -> None:
        super().__init__("Jobs")
        self._desk = desk
        self._clock = clock
        self._ascii = ascii_only
        self._read_only = read_only
        self._views: list[JobView] = []
        self._chosen: int | None = None
        self._filling = False

    def body(self) -> Iterable[Widget]:
        """The list and the journal."""
        yield RowTable(*COLUMNS, id="rows")
        yield Lines([], id="steps")

    def own_keys(self) -> Iterable[tuple[str, str]]:
        """What can be done to the job under the cursor."""
        view = self.chosen
        if view is None:
            return
        stopped = not view.alive and view.can_resume
        if view.alive and not view.record.backwards:
            yield "K", "Cancel"
        if stopped:
            yield "R", "Resume"
            yield "B", "Roll back"
        yield "Enter", "Output"
        if view.record.state.is_over:
            yield "A", "Archive"

    def on_mount(self) -> None:
        """Read now and every second."""
        super().on_mount()
        self.query_one("#rows").focus()
        self.reload()
        self.set_interval(RELOAD_S, self.reload)

    @property
    def chosen(self) -> JobView | None:
        """The job under the cursor."""
        return next((one for one in self._views if one.record.id == self._chosen), None)

    @work(exclusive=True, group="jobs")
    async def reload(self) -> None:
        """Read the jobs and paint them."""
        try:
            self._views = await in_background(self._desk.jobs, "jobs")
        except QuarryError as error:
            self.set_title("Jobs", error.sentence)
            return
        self._paint()

    @on(DataTable.RowHighlighted)
    def choose(self, event: DataTable.RowHighlighted) -> None:
        """Another job's steps."""
        if not self._filling and event.cursor_row < len(self._views):
            self._chosen = self._views[event.cursor_row].record.id
            self._paint_steps()

    @on(DataTable.RowSelected)
    def show_output(self) -> None:
        """Enter: all it has said and done."""
        view = self.chosen
        if view is not None:
            self._open_output(view)

    def action_cancel(self) -> None:
        """Stop the job at its next safe point."""
        self._ask(self._desk.cancel)

    def action_resume(self) -> None:
        """Go on where it stopped."""
        self._ask(self._desk.resume)

    def action_roll_back(self) -> None:
        """Put what is half done back."""
        self._ask(partial(self._desk.resume, back=True))

    def action_archive(self) -> None:
        """Leave it out of the list."""
        self._ask(self._desk.archive)

    @work(group="job-deeds")
    async def _ask(self, deed: Callable[[int], Verdict]) -> None:
        view = self.chosen
        if view is None:
            return
        if self._read_only:
            self.notify("This Quarry is read-only.", severity="warning", markup=False)
            return
        try:
            verdict = await in_background(partial(deed, view.record.id), "job")
        except QuarryError as error:
            self.notify(clean(error.sentence), severity="error", markup=False)
            return
        if isinstance(verdict, Refused):
            self.notify(clean(verdict.reason), severity="warning", markup=False)
        elif verdict.note:
            self.notify(clean(verdict.note), markup=False)
        self.reload()

    @work(group="job-output")
    async def _open_output(self, view: JobView) -> None:
        try:
            said = await in_background(partial(self._desk.output, view.record.id), "job output")
        except QuarryError as error:
            self.notify(clean(error.sentence), severity="error", markup=False)
            return
        lines = [Line(view.record.title, Role.STRONG), Line(f"quarry {view.record.command}", hang=2)]
        lines += [Line(f"{one.at.astimezone():%H:%M:%S}  {one.line}", hang=10) for one in said]
        lines += step_lines(view, ascii_only=self._ascii)
        undo = JobOptions.from_json(view.record.options).undo
        lines += [Line(f"to bring them back: quarry {undo}", Role.QUIET, hang=2)] if undo else []
        self.app.push_screen(OutputScreen(f"Job {view.record.id}", lines))

    def _paint(self) -> None:
        rows = [job_row(one, now_s=self._clock.wall(), ascii_only=self._ascii) for one in self._views]
        numbers = [one.job for one in rows]
        if self._chosen not in numbers:
            self._chosen = numbers[0] if numbers else None
        table = self.query_one("#rows", RowTable)
        self._filling = True
        table.fill([self._cells(one.cells, one.role) for one in rows])
        if self._chosen is not None:
            table.move_cursor(row=numbers.index(self._chosen))
        self.call_after_refresh(self._filled)
        at_work = sum(one.alive for one in self._views)
        gone = sum(one.interrupted for one in self._views)
        more = f", {gone} interrupted" if gone else ""
        self.set_title("Jobs", f"{len(rows)}, {at_work} at work{more}" if rows else "none yet")
        self._paint_steps()

    def _filled(self) -> None:
        self._filling = False

    def _paint_steps(self) -> None:
        self.show_keys()
        view = self.chosen
        lines: Sequence[Line] = step_lines(view, ascii_only=self._ascii) if view is not None else []
        self.query_one("#steps", Lines).show(lines)

    def _cells(self, texts: tuple[str, ...], role: str) -> tuple[Text, ...]:
        cells = [Text(clean(text)) for text in texts]
        cells[3].stylize(self.app.theme_variables[role])
        return tuple(cells)
