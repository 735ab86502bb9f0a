"""Plans and options as the JSON that the journal keeps, and back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import JobError
from core.hypervisor.model import ContainerName, DomainUuid
from core.inventory.snapshot import VmKey
from core.operations.plan import Confirm, Plan, RefusedTarget, Step, StepKind, TargetPlan


@dataclass(frozen=True, slots=True)
class JobOptions:
    """How a job is carried out.

    Attributes:
        at_once: VMs in work at the same time; 0 leaves it to the usual bounds per container.
        stop_at_failure: VMs not begun are skipped after the first one that failed.
        undo: The command that takes all of it back, for the operator; empty when there is none.
    """

    at_once: int = 0
    stop_at_failure: bool = False
    undo: str = ""

    def to_json(self) -> str:
        """For the journal."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> JobOptions:
        """From the journal; what it does not have gets its default."""
        values = json.loads(text or "{}")
        return cls(
            int(values.get("at_once", 0)), bool(values.get("stop_at_failure", False)), str(values.get("undo", ""))
        )


def plan_to_json(plan: Plan) -> str:
    """The whole plan as text."""
    values = asdict(plan)
    values["confirm"] = int(plan.confirm)
    for target in values["targets"]:
        for step in target["steps"]:
            step["kind"] = step["kind"].value
    return json.dumps(values)


def plan_from_json(text: str) -> Plan:
    """The plan of `plan_to_json`.

    Raises:
        JobError: The text is none: the store was damaged or written by a newer program.
    """
    try:
        values = json.loads(text)
        return Plan(
            verb=values["verb"],
            title=values["title"],
            command=values["command"],
            confirm=Confirm(values["confirm"]),
            targets=tuple(_target(one) for one in values["targets"]),
            refused=tuple(
                RefusedTarget(_key(one["key"]) if one["key"] else None, one["name"], one["reason"])
                for one in values["refused"]
            ),
            confirm_phrase=values["confirm_phrase"],
            warnings=tuple(values["warnings"]),
            afterwards=tuple(values["afterwards"]),
            at_once=int(values.get("at_once", 0)),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise JobError(
            "could not read a job's plan", f"{error!r}", "was it made by a newer Quarry? upgrade this one"
        ) from error


def _target(values: dict[str, Any]) -> TargetPlan:
    return TargetPlan(
        _key(values["key"]),
        values["name"],
        tuple(_step(one) for one in values["steps"]),
        values["expected_state"],
        tuple(values["warnings"]),
    )


def _step(values: dict[str, Any]) -> Step:
    return Step(
        StepKind(values["kind"]),
        values["container"],
        values["vm"],
        values["uuid"],
        values["sentence"],
        values["arguments"],
        tuple(values["shell"]),
        values["bytes_moved"],
        values["seconds"],
    )


def _key(values: dict[str, Any]) -> VmKey:
    return VmKey(ContainerName(values["container"]), DomainUuid(values["uuid"]))
