"""Programs run for many nodes: each distinct question once, a few sandboxes at a time. Blocking; worker threads."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from partition_editor.decisions.facts import NodeFacts
from partition_editor.findings import Finding
from partition_editor.programs.explaining import mishap_of
from partition_editor.programs.program import SHELLS, Program, ProgramResult, Question
from partition_editor.programs.sandbox import Limits, run_in_sandbox
from partition_editor.programs.variables import fill_variables
from partition_editor.rules.subject import finding

BATCH = 64
DEFAULT_LIMITS = Limits()
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Job:
    key: str
    source: str
    asked: Mapping[str, object]


def run_programs(
    program: Program,
    questions: Sequence[Question],
    *,
    limits: Limits = DEFAULT_LIMITS,
    report: Report | None = None,
) -> list[ProgramResult]:
    """What a program does for each node, in the order of the questions.

    Nodes whose filled-in program and disks are the same share one run.

    Args:
        report: Told how many of how many runs are done.

    Raises:
        SandboxMissing: Programs cannot be run on this machine.
    """
    command = interpreter_command(program)
    if isinstance(command, str):
        return [ProgramResult(one.node, None, (_rk009(one.node, command, None),)) for one in questions]
    jobs: dict[str, _Job] = {}
    keys = []
    for one in questions:
        job = _job(program, one, command)
        jobs.setdefault(job.key, job)
        keys.append(job.key)
    answers = _run_all(list(jobs.values()), limits, report)
    return [
        _result(program, one, jobs[key], answers.get(key), limits) for one, key in zip(questions, keys, strict=True)
    ]


def interpreter_command(program: Program) -> list[str] | str:
    """The words that run it in the sandbox, none for Python; a sentence when there is no such interpreter here."""
    words = program.interpreter.split()
    if program.is_python:
        return []
    name = words[0].rpartition("/")[2] if words else "bash"
    if name in SHELLS:
        name = "bash" if shutil.which("bash", path="/usr/bin:/bin") else "sh"
    found = shutil.which(name, path="/usr/bin:/bin")
    if found is None:
        return f"there is no interpreter {words[0] if words else name} on this machine to try it with"
    return [str(Path(found)), *words[1:]]


def facts_as_json(facts: NodeFacts) -> dict[str, object]:
    """Facts in the shape `read_facts` takes."""
    return {
        "disks": {name: {"parted_text": one.parted_text, "label": one.label} for name, one in facts.disks.items()},
        "disk_order": list(facts.disk_order),
        "raids": list(facts.raids),
        "stamped_partitions": sorted(facts.stamped),
        "unmountable_partitions": sorted(facts.unmountable),
        "fstab_files": dict(facts.fstabs),
        "upgrade_fstab": facts.upgrade_fstab,
        "labels": dict(facts.labels),
        "uuids": dict(facts.uuids),
        "mdadm_detail": dict(facts.arrays),
        "groups": {group: list(parts) for group, parts in facts.groups.items()},
        "volumes": dict(facts.volumes),
        "no_medium": sorted(facts.no_medium),
        "uefi": facts.uefi,
        "rocks": facts.major,
    }


def _job(program: Program, one: Question, command: list[str]) -> _Job:
    source = fill_variables(program.text, one.variables).text
    disks = " ".join(disk for disk in one.facts.disk_order if disk not in one.facts.no_medium)
    asked = {
        "text": source,
        "interpreter": command,
        "facts": facts_as_json(one.facts),
        "discovered": f"disks: {disks}\nraids: {' '.join(one.facts.raids)}\n",
        "start_text": one.start_text,
        "node": "node",
    }
    return _Job(json.dumps(asked, sort_keys=True), source, asked)


def _run_all(jobs: Sequence[_Job], limits: Limits, report: Report | None) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    waiting = list(jobs)
    size = BATCH
    while waiting:
        batches = [waiting[at : at + size] for at in range(0, len(waiting), size)]
        with ThreadPoolExecutor(max_workers=max(1, min(len(batches), os.cpu_count() or 1, 4))) as pool:
            for answers in pool.map(lambda batch: _run_batch(batch, limits), batches):
                found.update(answers)
                if report is not None:
                    report(len(found), len(jobs))
        if size == 1:
            break
        # A program that takes its sandbox down must not take others' answers with it.
        waiting, size = [job for job in waiting if job.key not in found], 1
    return found


def _run_batch(batch: Iterable[_Job], limits: Limits) -> dict[str, dict[str, object]]:
    listed = list(batch)
    asked = [{"id": number, **job.asked} for number, job in enumerate(listed)]
    found: dict[str, dict[str, object]] = {}
    for answer in run_in_sandbox(asked, limits):
        number = answer.get("id")
        if isinstance(number, int) and 0 <= number < len(listed):
            found.setdefault(listed[number].key, answer)
    return found


def _result(
    program: Program, one: Question, job: _Job, answer: Mapping[str, object] | None, limits: Limits
) -> ProgramResult:
    output = str((answer or {}).get("output") or "")
    mishap = mishap_of(program, job.source, answer, limits.seconds)
    if mishap is None:
        text = (answer or {}).get("text")
        if isinstance(text, str) and text.strip():
            return ProgramResult(one.node, text, (), output)
        what = "an empty file" if isinstance(text, str) else "no file"
        empty = finding("RK008", f"{one.node}: the program wrote {what}: Rocks falls back to its default scheme.")
        return ProgramResult(one.node, text if isinstance(text, str) else None, (empty,), output)
    found = [_rk009(one.node, mishap.text, mishap.line)]
    if mishap.needs_disks is not None:
        have = len([disk for disk in one.facts.disk_order if disk not in one.facts.no_medium])
        text = f"{one.node} has {have} disk{'' if have == 1 else 's'}; the program needs {mishap.needs_disks}."
        found.append(finding("RK010", text))
    # Rocks would use what was written before the program failed; it is kept, beside the finding.
    partial = (answer or {}).get("text")
    return ProgramResult(one.node, partial if isinstance(partial, str) else None, tuple(found), output)


def _rk009(node: str, text: str, line: int | None) -> Finding:
    place = f"line {line} of the program: " if line is not None else "the program: "
    return finding("RK009", f"{node}: {place}{text.rstrip('.')}.")
