"""From a verb and targets to a `Plan`: what will happen, to whom, with what left, and how to ask. Pure.

A target that cannot be acted on is left out with its reason; a mistake in the request itself, or nothing left to do,
is a `Refused`. Nothing here asks a container or the store anything: the snapshot is all there is, and
`core.operations.run` looks again right before it acts.
"""

from __future__ import annotations

import difflib
import posixpath
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from core.hypervisor.model import HostFacts
from core.inventory.snapshot import InventorySnapshot, VmKey, VmRecord
from core.operations.capabilities import VERBS, allowed
from core.operations.capacity import Fit, afterwards
from core.operations.plan import Confirm, Plan, RefusedTarget, StepKind, TargetPlan
from core.operations.steps import (
    Definition,
    Work,
    adopt_steps,
    default_save_path,
    remove_steps,
    restore_steps,
    save_steps,
    shutdown_steps,
    simple_steps,
    start_steps,
    stop_steps,
)
from core.operations.targets import Target, find_targets
from core.operations.words import counted, one_line, some_names
from core.outcome import Refused, Verdict

if TYPE_CHECKING:
    from core.operations.saved_survey import SavedFound

MANY = 10
"""Stopping more VMs than this, or VMs of more than one container, asks for the number to be typed."""

STOP_ACTIONS = {"poweroff": "stop", "shutdown": "shutdown", "reset": "reset", "reboot": "reboot"}
"""Values of ``action=`` of `stop host vm`, and the verb each comes to."""

PARAMETERS: Mapping[str, frozenset[str]] = {
    "start": frozenset({"discard"}),
    "stop": frozenset({"action"}),
    "save": frozenset({"file"}),
    "restore": frozenset({"file", "force"}),
    "remove": frozenset({"images", "node", "force", "cluster"}),
    "adopt": frozenset({"membership"}),
}
"""What each verb takes beside its targets."""

_YES_NO = frozenset({"discard", "images", "node", "force", "cluster"})

_CONFIRM = {
    "start": Confirm.NONE,
    "resume": Confirm.NONE,
    "adopt": Confirm.KEY,
    "pause": Confirm.KEY,
    "shutdown": Confirm.KEY,
    "reboot": Confirm.KEY,
    "save": Confirm.KEY,
    "stop": Confirm.LIST,
    "reset": Confirm.LIST,
    "restore": Confirm.LIST,
    "remove": Confirm.TYPED,
}
_TITLES = {"shutdown": "Shut down"}
_WITH_ACTION = {"shutdown", "reset", "reboot"}


def plan_action(
    verb: str,
    targets: Sequence[VmKey | str],
    snapshot: InventorySnapshot,
    parameters: Mapping[str, str] | None = None,
    *,
    read_only: bool = False,
    definition: Definition | None = None,
    saved: Mapping[VmKey, SavedFound] | None = None,
) -> Plan | Refused:
    """Plan one action.

    Args:
        verb: One of `core.operations.capabilities.VERBS`.
        targets: Keys of rows, or names of VMs.
        parameters: As in the command's ``key=value`` words; see `PARAMETERS`.
        read_only: Quarry was told to change nothing.
        definition: Makes domain XML; the hypervisor room's own by default.
        saved: Of a restore, what the containers say of the saved memory (`core.operations.saved_survey`).

    Returns:
        The plan, with the targets it leaves out; `Refused` when the request is wrong or there is nothing left to do.
    """
    given = {key.lower(): value for key, value in (parameters or {}).items()}
    mistake = _mistake(verb, given)
    if mistake is not None:
        return mistake
    if not targets:
        return Refused("must supply at least one VM")
    if verb == "stop":
        verb = STOP_ACTIONS[given.get("action", "poweroff")]
    found, refused = find_targets(targets, snapshot)
    if given.get("file") and len(found) + len(refused) > 1:
        return Refused('if you supply the "file" parameter, then you only can specify one VM host')
    plans, more, warnings = _plan_targets(
        verb, found, given, snapshot, read_only, definition or _domain_for, saved or {}
    )
    refused += more
    if not plans:
        return Refused(_nothing_left(verb, refused))
    return _assemble(verb, given, found, plans, refused, warnings)


def _mistake(verb: str, given: Mapping[str, str]) -> Refused | None:
    if verb not in VERBS:
        return Refused(f'"{verb}" is no action: use one of {", ".join(VERBS)}')
    known = PARAMETERS.get(verb, frozenset())
    for key, value in given.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"it takes {', '.join(sorted(known)) or 'none'}"
            return Refused(f'{verb} has no parameter "{key}": {hint}')
        if key in _YES_NO and value not in ("yes", "no"):
            return Refused(f'the "{key}" parameter must be yes or no, not "{value}"')
    action = given.get("action", "poweroff")
    if action not in STOP_ACTIONS:
        return Refused(f'"{action}" is no way to stop: action is one of {", ".join(STOP_ACTIONS)}')
    path = given.get("file")
    if path is not None and (not path.startswith("/") or path.endswith("/") or "\0" in path):
        return Refused(f'the "file" parameter must be the absolute path of a file, not "{path}"')
    return None


def _plan_targets(
    verb: str,
    found: Sequence[Target],
    given: Mapping[str, str],
    snapshot: InventorySnapshot,
    read_only: bool,
    definition: Definition,
    saved: Mapping[VmKey, SavedFound],
) -> tuple[list[TargetPlan], list[RefusedTarget], list[str]]:
    plans: list[TargetPlan] = []
    refused: list[RefusedTarget] = []
    warnings: list[str] = []
    fit = Fit()
    users = _image_users(snapshot) if verb == "remove" else {}
    for target in found:
        vm = target.vm
        verdict = _verdict(verb, target, given, read_only)
        warning = ""
        if not isinstance(verdict, Refused) and verb in ("start", "restore"):
            reason, warning = fit.check(target)
            verdict = Refused(reason) if reason else verdict
        work: Work | Refused = (
            verdict if isinstance(verdict, Refused) else _work(verb, target, given, users, definition, saved)
        )
        if isinstance(work, Refused):
            refused.append(RefusedTarget(vm.key, vm.name, work.reason))
            continue
        note = "" if isinstance(verdict, Refused) or not verdict.note else f"{vm.name}: {verdict.note}"
        told = tuple(one for one in (note, warning, *work.warnings) if one)
        warnings += told
        plans.append(TargetPlan(vm.key, vm.name, work.steps, vm.state.value, told))
    return plans, refused, warnings


def _verdict(verb: str, target: Target, given: Mapping[str, str], read_only: bool) -> Verdict:
    return allowed(verb, target.vm, target.container, read_only=read_only, parameters=given)


def _image_users(snapshot: InventorySnapshot) -> dict[tuple[str, str], set[str]]:
    users: dict[tuple[str, str], set[str]] = {}
    for container in snapshot.containers:
        for vm in container.vms:
            paths = {one.path for one in vm.record.disks} if vm.record else set()
            for path in paths | {one.source for one in vm.disks}:
                users.setdefault((container.name, posixpath.normpath(path)), set()).add(vm.name)
    return users


def _work(
    verb: str,
    target: Target,
    given: Mapping[str, str],
    users: Mapping[tuple[str, str], set[str]],
    definition: Definition,
    saved: Mapping[VmKey, SavedFound],
) -> Work | Refused:
    vm = target.vm

    def shared(path: str) -> str:
        others = users.get((target.container.name, posixpath.normpath(path)), set()) - {vm.name}
        return min(others, default="")

    if verb == "start":
        return start_steps(target, given, definition)
    if verb == "stop":
        return stop_steps(target)
    if verb == "shutdown":
        return shutdown_steps(target)
    if verb == "save":
        return save_steps(target, given.get("file") or default_save_path(vm, target.container))
    if verb == "restore":
        force = given.get("force") == "yes"
        return restore_steps(target, given.get("file", ""), saved.get(vm.key), force=force)
    if verb == "remove":
        return remove_steps(target, given, shared)
    if verb == "adopt":
        return adopt_steps(target, given)
    kind, sentence, word = {
        "reset": (StepKind.RESET, "press the reset button", "reset"),
        "reboot": (StepKind.REBOOT, "ask the guest to reboot", "reboot"),
        "pause": (StepKind.SUSPEND, "pause", "suspend"),
        "resume": (StepKind.RESUME, "resume", "resume"),
    }[verb]
    return simple_steps(target, kind, sentence, word)


def _nothing_left(verb: str, refused: Sequence[RefusedTarget]) -> str:
    if len(refused) == 1:
        return f"{one_line(refused[0].name)} {refused[0].reason}"
    first = refused[0]
    rest = "the others alike" if len({one.reason for one in refused}) == 1 else "and others"
    return f"none of the {len(refused)} VMs can be {_done(verb)}: {one_line(first.name)} {first.reason}; {rest}"


def _done(verb: str) -> str:
    return {
        "stop": "stopped",
        "shutdown": "shut down",
        "start": "started",
        "pause": "paused",
        "reset": "reset",
        "reboot": "rebooted",
    }.get(verb, verb + "d" if verb.endswith("e") else verb + "ed")


def _assemble(
    verb: str,
    given: Mapping[str, str],
    found: Sequence[Target],
    plans: Sequence[TargetPlan],
    refused: Sequence[RefusedTarget],
    warnings: Sequence[str],
) -> Plan:
    containers = {one.key.container for one in plans}
    confirm, phrase = _confirmation(verb, given, plans, len(containers))
    names = [one.name for one in plans]
    what = some_names(names, 1) if len(plans) == 1 else counted(len(plans), "VM")
    title = f"{_TITLES.get(verb, verb.capitalize())} {one_line(what)}"
    if len(plans) > 1:
        title += f" on {counted(len(containers), 'container')}"
    keys = {one.key for one in plans}
    planned = [one for one in found if one.vm.key in keys]
    return Plan(
        verb=verb,
        title=title,
        command=_command(verb, names, given),
        confirm=confirm,
        targets=tuple(plans),
        refused=tuple(refused),
        confirm_phrase=phrase,
        warnings=tuple(dict.fromkeys(warnings)),
        afterwards=afterwards(planned, plans),
    )


def _confirmation(
    verb: str, given: Mapping[str, str], plans: Sequence[TargetPlan], containers: int
) -> tuple[Confirm, str]:
    confirm = _CONFIRM[verb]
    if verb in ("stop", "reset") and (len(plans) > MANY or containers > 1):
        confirm = Confirm.TYPED
    if verb == "restore" and given.get("force") == "yes":
        confirm = Confirm.TYPED
    if confirm is not Confirm.TYPED:
        return confirm, ""
    return confirm, f"{verb} {len(plans)}" if len(plans) > 1 else one_line(plans[0].name)


def _command(verb: str, names: Sequence[str], given: Mapping[str, str]) -> str:
    words = dict(given)
    if verb in _WITH_ACTION:
        words = {"action": verb, **words}
        verb = "stop"
    return " ".join(
        [f"{verb} host vm", *map(_word, names), *(f"{key}={_word(value)}" for key, value in words.items())]
    )


def _word(text: str) -> str:
    plain = bool(text) and all(char.isalnum() or char in "._-+:/@%," for char in text)
    return text if plain else "'" + one_line(text).replace("'", "'\"'\"'") + "'"


def _domain_for(record: VmRecord, host: HostFacts) -> str | Refused:
    # Only a start that defines something pays for importing the XML elements.
    from core.hypervisor.definition import domain_for, options_from_attributes

    options = options_from_attributes(record.attributes)
    return options if isinstance(options, Refused) else domain_for(record, host, options)
