"""Hand-made plans, and a small app that opens one dialog and keeps its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from textual.app import App
from textual.screen import Screen

from core.hypervisor.model import ContainerName
from core.inventory.snapshot import VmKey
from core.operations.plan import Confirm, Plan, RefusedTarget, Step, StepKind, TargetPlan
from core.outcome import Refused
from tests.builders import make_uuid
from tui.actions.recheck import Decision
from tui.screens.plan import PlanScreen, Question
from tui.themes import register_themes

Result = TypeVar("Result")


def key_of(name: str, container: str = "vm-container-0-0") -> VmKey:
    return VmKey(ContainerName(container), make_uuid(name))


def make_target(
    name: str,
    *,
    container: str = "vm-container-0-0",
    kind: StepKind = StepKind.DESTROY,
    sentence: str = "power off",
    state: str = "active",
    warnings: Sequence[str] = (),
) -> TargetPlan:
    step = Step(kind, container, name, str(make_uuid(name)), sentence, seconds=2.0)
    return TargetPlan(key_of(name, container), name, (step,), state, tuple(warnings))


def make_plan(
    *targets: TargetPlan,
    verb: str = "stop",
    title: str = "Stop 2 VMs on 1 container",
    confirm: Confirm = Confirm.LIST,
    phrase: str = "",
    refused: Sequence[tuple[str, str]] = (),
    warnings: Sequence[str] = (),
    afterwards: Sequence[str] = ("vm-container-0-0 afterwards: memory 4 of 16 GB",),
) -> Plan:
    return Plan(
        verb=verb,
        title=title,
        command=f"{verb} host vm {' '.join(target.name for target in targets)}",
        confirm=confirm,
        targets=targets,
        refused=tuple(RefusedTarget(key_of(name), name, reason) for name, reason in refused),
        confirm_phrase=phrase,
        warnings=tuple(warnings),
        afterwards=tuple(afterwards),
    )


class DialogHost(App[None]):
    """Opens one dialog at once and keeps what it is dismissed with."""

    def __init__(self, screen: Screen[Result]) -> None:
        super().__init__()
        register_themes(self)
        self.screen_under_test = screen
        self.answers: list[object] = []

    def on_mount(self) -> None:
        self.push_screen(self.screen_under_test, self.answers.append)

    @property
    def answer(self) -> object:
        assert len(self.answers) == 1, self.answers
        return self.answers[0]


class PlanHost(DialogHost):
    """Opens a plan dialog; ``fresh`` is what planning again would say."""

    def __init__(
        self,
        plan: Plan,
        fresh: Callable[[str, Mapping[str, str]], Plan | Refused] | None = None,
        *,
        hidden: Sequence[str] = (),
        verb: str = "",
    ) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []

        async def replan(verb: str, parameters: Mapping[str, str]) -> Plan | Refused:
            self.asked.append((verb, dict(parameters)))
            return fresh(verb, parameters) if fresh else plan

        question = Question(
            verb or plan.verb, plan, replan, lambda shown: f"#!/bin/sh\n# {shown.title}\n", {}, hidden
        )
        super().__init__(PlanScreen(question))

    @property
    def decision(self) -> Decision:
        answer = self.answer
        assert isinstance(answer, Decision)
        return answer


def text_of(app: App[None]) -> str:
    """The whole screen as plain text."""
    height = app.size.height
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips[:height]).replace(
        "\u00a0", " "
    )
