"""Recorded questions answered: one JSON object a line in, one a line out (``quarry partition plan --requests``).

A line is a question itself with an ``id``, or an object with ``id`` and ``request``. Where it also says which
installer answered (``engine``, ``group``), that installer's rules are used, because early recordings asked the RHEL 5
allocator and the modern one the same question. The RHEL 5 allocator was recorded on blank disks, whatever partitions
the question names. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import cast

from partition_editor.disks import Disk, Profile
from partition_editor.document.conflicts import parse_refusal, parser_warnings
from partition_editor.document.reading import read_document, read_spec
from partition_editor.layout import PlanRefusal
from partition_editor.options import releases
from partition_editor.planner import plan
from partition_editor.planner.answers import as_result, read_disks, read_profile
from partition_editor.recorded import Reply, replies

MODERN = "RHEL10"
"""Stands for the modern allocator where only the syntax is older: like that syntax, it keeps the names of arrays."""


def answer_lines(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """An answer for each question, as a line of JSON without its end, and whether it was a question at all."""

    def reply(asked: Mapping[str, object]) -> Reply:
        result = answer(asked)
        return {"result": result}, result.get("stage") != "request"

    return replies(lines, reply, {"result": _no_question("this line is no JSON object")})


def answer(asked: Mapping[str, object]) -> dict[str, object]:
    """The result for one question, in the shape of the recordings."""
    inner = asked.get("request", asked)
    if not isinstance(inner, dict):
        return _no_question("the request is no JSON object")
    question = cast("Mapping[str, object]", inner)
    text = question.get("ks")
    if not isinstance(text, str):
        return _no_question('there is no text "ks"')
    profile = read_profile(question)
    if profile.release not in releases():
        return _no_question(f"there is no release {profile.release}")
    disks = read_disks(question)
    wrong = next((disk for disk in disks if not disk.name or disk.sectors < 1), None)
    if wrong is not None:
        return _no_question("a disk has no name or no size")
    document = read_document(text)
    warnings = parser_warnings(document, profile.release)
    refusal = parse_refusal(document, profile.release)
    if refusal is not None:
        return as_result(refusal, warnings)
    allocator = _allocator(asked, question, profile)
    if allocator.release == "RHEL5" and allocator != profile:
        disks = tuple(Disk(one.name, one.sectors) for one in disks)
    return as_result(plan(read_spec(document, profile), disks, allocator), warnings)


def _allocator(asked: Mapping[str, object], question: Mapping[str, object], profile: Profile) -> Profile:
    """The profile whose allocator answers; the syntax stays that of the question's version."""
    hint = f"{asked.get('group') or ''} {asked.get('engine') or ''}"
    if "rhel5" in hint:
        return replace(profile, release="RHEL5", default_label=None, default_fstype=None)
    if "blivet" in hint and profile.release == "RHEL5":
        label, fstype = question.get("default_label"), question.get("default_fstype")
        return replace(
            profile,
            release=MODERN,
            default_label=label if isinstance(label, str) else "msdos",
            default_fstype=fstype if isinstance(fstype, str) else None,
        )
    return profile


def _no_question(reason: str) -> dict[str, object]:
    return as_result(PlanRefusal("request", reason))
