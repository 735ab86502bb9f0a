"""Plan and confirm: what will happen, and the yes to it, in as much asking as the plan wants."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from core.operations.plan import Confirm, Plan
from core.outcome import Refused
from tui.actions.recheck import Decision, recheck
from tui.screens.before_after import BeforeAfterScreen, Pictures, picture_title
from tui.screens.confirm import ConfirmDialog
from tui.screens.plan_text import YES, plan_lines
from tui.widgets.lines import Line, Lines, Role

Replan = Callable[[str, Mapping[str, str]], Awaitable[Plan | Refused]]
"""Makes a plan for the same targets from the newest state; verb and parameters."""

_MOVES = frozenset({"move", "drain"})
_AT_A_TIME = 4

_INSTEAD = {"shutdown": "Shut down", "poweroff": "Power off", "reset": "Reset", "reboot": "Reboot"}


@dataclass(frozen=True, slots=True)
class Question:
    """What a plan dialog is opened with.

    Attributes:
        verb: The operation's verb; stop offers its other actions.
        parameters: Further parameters of the operation.
        plan: The plan to show first.
        replan: Called at the yes, and when another action is chosen.
        script: Turns a plan into a shell script for the clipboard.
        hidden: Names of targets that the filter hides.
        pick: Asks for another container to move to.
        pictures: The containers before and after a plan's moves.
    """

    verb: str
    plan: Plan
    replan: Replan
    script: Callable[[Plan], str]
    parameters: Mapping[str, str] = field(default_factory=dict)
    hidden: Sequence[str] = ()
    pick: Callable[[], Awaitable[str | None]] | None = None
    pictures: Callable[[Plan], Pictures] | None = None


class PlanScreen(ConfirmDialog[Decision]):
    """Shows a plan and asks. Result: the decision, or None when the operator left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("Y", "copy", "Copy as script", show=False, id="confirm.copy"),
        Binding("s", "instead('shutdown')", "Shut down instead", show=False, id="confirm.shutdown"),
        Binding("S", "instead('poweroff')", "Power off instead", show=False, id="confirm.poweroff"),
        Binding("r", "instead('reset')", "Reset instead", show=False, id="confirm.reset"),
        Binding("b", "instead('reboot')", "Reboot instead", show=False, id="confirm.reboot"),
        Binding("i", "images", "Images too", show=False, id="confirm.images"),
        Binding("o", "other", "Other container", show=False, id="confirm.other"),
        Binding("t", "turns", "One at a time", show=False, id="confirm.turns"),
        Binding("v", "pictures", "Before and after", show=False, id="confirm.pictures"),
    ]

    def __init__(self, question: Question) -> None:
        super().__init__(question.plan.title)
        self._question = question
        self._plan = question.plan
        self._parameters = dict(question.parameters)
        self._notes: tuple[str, ...] = ()
        self._answered = False

    @property
    def plan(self) -> Plan:
        """The plan on show."""
        return self._plan

    def body(self) -> Iterable[Widget]:
        """The plan, and the field for the phrase where one must be typed."""
        lines = Lines(self._lines(), id="plan")
        lines.add_class("grows")
        yield lines
        phrase = self.phrase_field()
        phrase.display = self._typed
        yield phrase

    def keys(self) -> Iterable[tuple[str, str]]:
        """What can be answered to this plan."""
        if self._plan.targets:
            yield self.yes_key(), self._yes_word
        yield self.key_of("confirm.leave"), "Leave"
        yield self.key_of("confirm.copy"), "Copy as script"
        if self._typed and self._question.verb in ("stop", "remove", "drain"):
            yield "Tab", "leave the field, then:"
        if self._question.verb == "remove":
            yield self.key_of("confirm.images"), "Keep the images" if self._with_images else "Delete the images too"
        if self._question.verb == "stop":
            for action, label in _INSTEAD.items():
                if action != self._action:
                    yield self.key_of(f"confirm.{action}"), label
        if self._question.verb in _MOVES:
            yield from self._keys_of_moves()

    def _keys_of_moves(self) -> Iterable[tuple[str, str]]:
        if self._offers("pictures"):
            yield self.key_of("confirm.pictures"), "Before and after"
        if self._offers("other"):
            yield self.key_of("confirm.other"), "Other container"
        if self._offers("turns"):
            yield self.key_of("confirm.turns"), f"One at a time: {'yes' if self._plan.at_once == 1 else 'no'}"

    def _offers(self, action: str) -> bool:
        """Whether a key of moves has a meaning for the plan on show."""
        verb = self._question.verb
        if action == "other":
            return verb == "move" and self._question.pick is not None
        if action == "turns":
            return verb in _MOVES and len(self._plan.targets) > 1
        return verb in _MOVES and self._question.pictures is not None and bool(self._plan.targets)

    def on_mount(self) -> None:
        """The phrase's field has the focus where one must be typed, else the list."""
        super().on_mount()
        self.query_one("#phrase" if self._typed else "#plan").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a stop has other actions, only a remove images; `y` is no answer where a phrase must be typed."""
        if action in ("instead", "images"):
            return self._question.verb == ("stop" if action == "instead" else "remove")
        if action in ("other", "turns", "pictures"):
            return self._offers(action)
        return super().check_action(action, parameters)

    def action_copy(self) -> None:
        """Put the plan as a shell script on the terminal's clipboard."""
        self.app.copy_to_clipboard(self._question.script(self._plan))
        self.note("copied as a shell script")

    def action_instead(self, action: str) -> None:
        """Show the plan of another way to stop; it needs its own yes."""
        if action != self._action:
            self._switch({"action": action})

    def action_images(self) -> None:
        """Show the plan with, or again without, the deletion of the disk images."""
        self._switch({"images": "no" if self._with_images else "yes"})

    def action_turns(self) -> None:
        """Show the plan with the moves one after the other, or a few at a time."""
        self._switch({"parallel": str(_AT_A_TIME if self._plan.at_once == 1 else 1)})

    def action_pictures(self) -> None:
        """The containers before and after, over this dialog."""
        if self._question.pictures is not None:
            pictures = self._question.pictures(self._plan)
            self.app.push_screen(BeforeAfterScreen(picture_title(pictures), pictures))

    @work(exclusive=True, group="pick")
    async def action_other(self) -> None:
        """Choose another container, and show the plan for that; it needs its own yes."""
        name = await self._question.pick() if self._question.pick is not None else None
        if name is not None:
            self._switch({"physhost": name})

    @property
    def _with_images(self) -> bool:
        return self._parameters.get("images") == "yes"

    @property
    def phrase(self) -> str:
        """The plan's, where it wants one typed and has anything to do."""
        return self._plan.confirm_phrase if self._plan.confirm is Confirm.TYPED and self._plan.targets else ""

    @property
    def _typed(self) -> bool:
        return bool(self.phrase)

    @property
    def _action(self) -> str:
        return self._parameters.get("action", "poweroff") if self._question.verb == "stop" else ""

    @property
    def _yes_word(self) -> str:
        named = {"": self._plan.verb, "poweroff": "stop"}.get(self._action, self._action)
        return YES.get(named, named.capitalize())

    def _lines(self) -> list[Line]:
        lines = plan_lines(self._plan, self._question.hidden, self._notes)
        if not self._plan.targets:
            lines.insert(0, Line("Nothing of this can be done now.", Role.STRONG))
        return lines

    def note(self, *notes: str) -> None:
        """Above the plan."""
        self._notes = notes
        lines = self.query_one("#plan", Lines)
        lines.show(self._lines())
        lines.scroll_home(animate=False)

    def confirmed(self) -> None:
        """Check once more and hand the decision back; a second yes meanwhile is none."""
        if not self._answered and self._plan.targets:
            self._answered = True
            self._decide()

    @work(exclusive=True, group="plan")
    async def _decide(self) -> None:
        fresh = await self._question.replan(self._question.verb, self._parameters)
        decision = recheck(self._plan, fresh)
        if decision.plan.targets:
            self.dismiss(decision)
            return
        self._plan = decision.plan
        self._answered = False
        self.note(*(f"{one.name}: {one.detail}" for one in decision.skipped))
        self._after_change()

    @work(exclusive=True, group="plan")
    async def _switch(self, changed: Mapping[str, str]) -> None:
        parameters = {**self._parameters, **changed}
        fresh = await self._question.replan(self._question.verb, parameters)
        if isinstance(fresh, Refused):
            self.note(fresh.reason)
            return
        self._plan, self._parameters = fresh, parameters
        self.note()
        self._after_change()

    def _after_change(self) -> None:
        phrase = self.query_one("#phrase", Input)
        phrase.display = self._typed
        phrase.clear()
        phrase.placeholder = f"type: {self._plan.confirm_phrase}"
        self.query_one("#phrase" if self._typed else "#plan").focus()
        self.retitle(self._plan.title)
        self.fit()
