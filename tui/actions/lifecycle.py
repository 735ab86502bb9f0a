"""From a verb and its targets to per-VM results: plan, confirm, check again, run, tell.

Runs on the screen's thread as coroutines of app workers; whatever may block goes through `tui.background`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Protocol, TypeVar

from textual.notifications import SeverityLevel

from core.inventory.snapshot import VmKey
from core.operations.before_after import before_and_after
from core.operations.plan import Confirm, Outcome, Plan, TargetResult
from core.outcome import Refused
from tui.actions.offers import find_targets, pause_split
from tui.actions.picking import pick_container
from tui.actions.recheck import Decision
from tui.background import in_background
from tui.fleet import Fleet
from tui.screens.choice import ChoiceScreen
from tui.screens.plan import PlanScreen, Question
from tui.screens.plan_text import summary
from tui.screens.results import ResultsScreen
from tui.text import count

if TYPE_CHECKING:
    from textual.screen import Screen

    from core.operations.run import Progress

Answer = TypeVar("Answer")

_WITHOUT_TARGETS = frozenset({"drain"})
"""Verbs whose plan finds its VMs itself."""

READ_ONLY = "This Quarry is read-only. To change anything, leave and start it without --read-only."


class Stage(Protocol):
    """What a lifecycle action needs of the app."""

    async def ask(self, screen: Screen[Answer]) -> Answer | None:
        """Open a dialog and wait for its result."""

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Tell the operator something that needs no answer."""

    def open_dialog(self, screen: Screen[None]) -> None:
        """Open a dialog nobody waits for."""

    def runs_changed(self) -> None:
        """A run began, went on or ended: paint it."""


@dataclass(slots=True)
class Run:
    """One plan being carried out in this process.

    Attributes:
        finished: VMs done, skipped or failed so far.
        sentence: What happened last.
    """

    title: str
    total: int
    finished: int = 0
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What an action asks for, before there is a plan."""

    verb: str
    targets: Sequence[VmKey]
    parameters: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()


class Lifecycle:
    """Carries out lifecycle actions and remembers the last one for `repeat`."""

    def __init__(self, stage: Stage, fleet: Fleet, later: Callable[[Callable[[], None]], object]) -> None:
        """Use `stage` to ask and tell. `later` runs a function on the screen's thread, from any thread."""
        self._stage = stage
        self._fleet = fleet
        self._later = later
        self.runs: list[Run] = []
        self.last_plan: Plan | None = None
        self._last: Wish | None = None

    async def act(self, wish: Wish) -> None:
        """Plan, ask as much as the plan wants, run, show the results."""
        if self._fleet.read_only:
            self._stage.say(READ_ONLY, severity="warning")
            return
        if not wish.targets and wish.verb not in _WITHOUT_TARGETS:
            self._stage.say("No VM here: move to one, or mark some with Space.", severity="warning")
            return
        if wish.verb == "pause":
            chosen = await self._which_pause(wish)
            if chosen is None:
                return
            wish = chosen
        if wish.targets:
            self._last = wish
        plan = await self._plan(wish, wish.verb, wish.parameters)
        if isinstance(plan, Refused):
            self._stage.say(plan.reason, severity="warning")
            return
        self.last_plan = plan
        if plan.confirm is Confirm.NONE and plan.targets:
            await self._run(Decision(plan))
        elif not plan.targets and len(plan.refused) == 1:
            self._stage.say(f"{plan.refused[0].name}: {plan.refused[0].reason}", severity="warning")
        else:
            decision = await self._confirm(wish, plan)
            if decision is not None:
                self.last_plan = decision.plan
                await self._run(decision)

    async def repeat(self, targets: Sequence[VmKey], hidden: Sequence[str]) -> None:
        """The last action on other targets, with its own asking."""
        if self._last is None:
            self._stage.say("Nothing to repeat yet.")
            return
        await self.act(Wish(self._last.verb, targets, self._last.parameters, hidden))

    async def _plan(self, wish: Wish, verb: str, parameters: Mapping[str, str]) -> Plan | Refused:
        return await in_background(partial(self._fleet.plan, verb, wish.targets, dict(parameters)), "plan")

    async def _confirm(self, wish: Wish, plan: Plan) -> Decision | None:
        question = Question(
            wish.verb,
            plan,
            partial(self._plan, wish),
            self._fleet.script,
            wish.parameters,
            wish.hidden,
            pick=partial(pick_container, self._stage, self._fleet, wish.targets),
            pictures=lambda shown: before_and_after(shown, self._fleet.snapshot()),
        )
        return await self._stage.ask(PlanScreen(question))

    async def _which_pause(self, wish: Wish) -> Wish | None:
        """Pause and resume share a key: take the one that has something to do, ask when both have."""
        running, paused = pause_split(find_targets(self._fleet.snapshot(), wish.targets))
        if not paused:
            return wish
        resume = Wish("resume", paused, wish.parameters, wish.hidden)
        if not running:
            return Wish("resume", wish.targets, wish.parameters, wish.hidden)
        choices = {"p": f"Pause {len(running)} running", "r": f"Resume {len(paused)} paused"}
        key = await self._stage.ask(ChoiceScreen("Some run, some are paused", choices))
        if key == "r":
            return resume
        return Wish("pause", running, wish.parameters, wish.hidden) if key == "p" else None

    async def _run(self, decision: Decision) -> None:
        plan = decision.plan
        run = Run(plan.title, len(plan.targets))
        self.runs.append(run)
        self._stage.runs_changed()

        def advance(progress: Progress) -> None:
            run.finished = progress.finished
            run.sentence = f"{progress.target.name}: {progress.sentence}"
            self._stage.runs_changed()

        def report(progress: Progress) -> None:
            self._later(partial(advance, progress))

        try:
            results = await in_background(partial(self._fleet.run, plan, report), f"run {plan.verb}")
        finally:
            self.runs.remove(run)
            self._stage.runs_changed()
        self._tell(plan, [*results, *decision.skipped, *_unseen(plan)])

    def _tell(self, plan: Plan, results: Sequence[TargetResult]) -> None:
        if all(one.outcome is Outcome.DONE for one in results):
            self._stage.say(f"{plan.title}: {_done(results)}")
        elif len(results) == 1:
            (one,) = results
            severity: SeverityLevel = "error" if one.outcome is Outcome.FAILED else "warning"
            self._stage.say(f"{one.name} {one.outcome.value}: {one.detail}", severity=severity)
        else:
            self._stage.open_dialog(ResultsScreen(plan.title, results))


def _unseen(plan: Plan) -> list[TargetResult]:
    """What was left out of a plan that nobody was asked about; a dialog has already said it of the others."""
    if plan.confirm is not Confirm.NONE:
        return []
    return [TargetResult(one.key, one.name, Outcome.SKIPPED, one.reason) for one in plan.refused if one.key]


def _done(results: Sequence[TargetResult]) -> str:
    return "done" if len(results) == 1 else f"{summary(results)} of {count(len(results), 'VM')}"
