"""The moment of yes: what of a confirmed plan still holds in the newest state. Pure."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from core.inventory.snapshot import VmKey
from core.operations.plan import Outcome, Plan, TargetPlan, TargetResult
from core.outcome import Refused


@dataclass(frozen=True, slots=True)
class Decision:
    """What the operator said yes to.

    Attributes:
        plan: To be run. Only targets that were shown and have not changed since.
        skipped: Targets that changed between being shown and the yes, each with how.
    """

    plan: Plan
    skipped: tuple[TargetResult, ...] = ()


def recheck(shown: Plan, fresh: Plan | Refused) -> Decision:
    """Keep of the shown plan the targets that a fresh one would still treat alike.

    A target is never added and never gets other kinds of steps than those that were confirmed.
    """
    if isinstance(fresh, Refused):
        return Decision(
            dataclasses.replace(shown, targets=()),
            tuple(_skipped(target.key, target.name, fresh.reason) for target in shown.targets),
        )
    now: dict[VmKey, TargetPlan] = {target.key: target for target in fresh.targets}
    refused = {target.key: target.reason for target in fresh.refused if target.key is not None}
    kept: list[TargetPlan] = []
    skipped: list[TargetResult] = []
    for target in shown.targets:
        newest = now.get(target.key)
        if newest is None:
            why = refused.get(target.key, "is gone")
        elif newest.expected_state != target.expected_state:
            why = f"was {target.expected_state} when the plan was shown, is {newest.expected_state} now"
        elif [step.kind for step in newest.steps] != [step.kind for step in target.steps]:
            why = "other steps are needed now than the plan showed"
        else:
            kept.append(newest)
            continue
        skipped.append(_skipped(target.key, target.name, why))
    return Decision(dataclasses.replace(shown, targets=tuple(kept)), tuple(skipped))


def _skipped(key: VmKey, name: str, why: str) -> TargetResult:
    return TargetResult(key, name, Outcome.SKIPPED, f"changed since the plan was shown: {why}")
