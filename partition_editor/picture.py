"""A text on a node, worked out: the installer's answer, what can be drawn of it, findings, losses.

Where the installer would refuse, the picture still shows what would stand without the lines it stops on. Pure; any
thread may draw, and pictures are immutable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from core.outcome import Refused
from partition_editor.consequences import Loss, consequences
from partition_editor.disks import Disk, Profile
from partition_editor.document.conflicts import parse_refusal
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_document, read_spec
from partition_editor.findings import Finding, Severity
from partition_editor.layout import Layout, PlannedDisk, PlannedPartition, PlanRefusal
from partition_editor.planner import plan
from partition_editor.presets import scheme_text
from partition_editor.requests import Spec
from partition_editor.rules import check
from partition_editor.rules.subject import Subject

MOST_LEFT_OUT = 12
"""After so many refused lines the disks are drawn as they are now."""


@dataclass(frozen=True)
class Picture:
    """What a text comes to.

    Attributes:
        answer: The installer's; None when the node's disks are not known.
        layout: What to draw: the answer's layout, or the one without the refused lines.
        left_out: Those lines, in the order in which they were refused.
        findings: By line, those about no line last.
        losses: What would be destroyed, should the drawn layout be carried out.
    """

    document: Document
    disks: tuple[Disk, ...]
    profile: Profile
    node: str
    spec: Spec
    answer: Layout | PlanRefusal | None
    layout: Layout
    left_out: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    losses: tuple[Loss, ...] = ()

    @cached_property
    def subject(self) -> Subject:
        """For `partition_editor.actions.verdict`: judged by what is drawn."""
        return Subject(self.document, self.disks, self.profile, self.layout, self.node)

    @property
    def release(self) -> str:
        """Short for the profile's release."""
        return self.profile.release

    @cached_property
    def planned(self) -> dict[int, list[tuple[PlannedDisk, PlannedPartition]]]:
        """Line → what it makes; ``autopart`` makes several partitions."""
        found: dict[int, list[tuple[PlannedDisk, PlannedPartition]]] = {}
        for disk in self.layout.disks:
            for one in disk.partitions:
                if one.line is not None:
                    found.setdefault(one.line, []).append((disk, one))
        return found

    @cached_property
    def by_line(self) -> dict[int, list[Finding]]:
        """Line → its findings, gravest first."""
        found: dict[int, list[Finding]] = {}
        for one in self.findings:
            if one.span is not None:
                found.setdefault(one.span.line, []).append(one)
        return found

    @cached_property
    def unread(self) -> tuple[tuple[int, str], ...]:
        """Lines that the release refuses, each with the reason: nothing is asked for by them."""
        refused = [(number, one) for number, one in self.subject.directives if not one.is_valid]
        # "rocks manual" is not the installers' language; the rules for schemes speak of it.
        return tuple(
            (number, next(one.message for one in directive.problems if one.severity is Severity.ERROR))
            for number, directive in refused
            if directive.word.text != "rocks"
        )

    def disk(self, name: str) -> PlannedDisk | None:
        """A drawn disk by name."""
        return next((one for one in self.layout.disks if one.name == name), None)

    def count(self, severity: Severity) -> int:
        """How many findings of a severity there are."""
        return sum(one.severity is severity for one in self.findings)


def draw(document: Document, disks: Sequence[Disk], profile: Profile, node: str = "") -> Picture:
    """Work a text out for a node.

    Args:
        document: The text.
        disks: The node's disks, each name once; empty when they are not known.
        profile: Release, firmware, Rocks version.
        node: Its name, for messages.

    Raises:
        PartitionError: The profile's release is unknown.
    """
    disks = tuple(disks)
    spec = read_spec(document, profile)
    if not disks:
        findings = tuple(check(document, (), profile, None, node))
        return Picture(document, (), profile, node, spec, None, Layout(profile, ()), (), findings)
    answer = _answer(document, spec, disks, profile)
    left_out: tuple[int, ...] = ()
    if isinstance(answer, Layout):
        layout = answer
    elif answer.stage == "scheme":
        layout = _as_they_are(disks, profile)
    else:
        layout, left_out = _without_refused(spec, disks, profile)
    findings = tuple(check(document, disks, profile, answer, node))
    return Picture(
        document, disks, profile, node, spec, answer, layout, left_out, findings, consequences(layout, disks)
    )


def _answer(document: Document, spec: Spec, disks: Sequence[Disk], profile: Profile) -> Layout | PlanRefusal:
    if spec.scheme is not None:
        text = scheme_text(spec.scheme.word, disks, profile)
        if isinstance(text, Refused):
            return PlanRefusal("scheme", text.reason, line=spec.scheme.line)
        made = plan(read_spec(read_document(text), profile), disks, profile)
        return _on_line(made, spec.scheme.line)
    return parse_refusal(document, profile.release) or plan(spec, disks, profile)


def _on_line(answer: Layout | PlanRefusal, line: int) -> Layout | PlanRefusal:
    """All that a scheme makes belongs to its line."""
    if isinstance(answer, PlanRefusal):
        return replace(answer, stage="scheme", line=line)
    disks = tuple(
        replace(disk, partitions=tuple(replace(one, line=line if one.line else None) for one in disk.partitions))
        for disk in answer.disks
    )
    return replace(answer, disks=disks)


def _without_refused(spec: Spec, disks: Sequence[Disk], profile: Profile) -> tuple[Layout, tuple[int, ...]]:
    """Plan again and again without the line that was refused; the disks as they are when that leads nowhere."""
    left_out: list[int] = []
    while len(left_out) < MOST_LEFT_OUT:
        answer = plan(spec, disks, profile)
        if isinstance(answer, Layout):
            return answer, tuple(left_out)
        smaller = _without(spec, answer.line, disks)
        if answer.line is None or smaller == spec:
            break
        left_out.append(answer.line)
        spec = smaller
    return _as_they_are(disks, profile), tuple(one.line for one in spec.requests)


def _without(spec: Spec, line: int | None, disks: Sequence[Disk]) -> Spec:
    requests = tuple(one for one in spec.requests if one.line != line)
    clear = spec.clear
    if clear is not None and clear.line == line:
        known = {disk.name for disk in disks}
        drives = tuple(one for one in clear.drives if one in known)
        clear = replace(clear, drives=drives) if drives else None
    ignore = None if spec.ignoredisk is not None and spec.ignoredisk.line == line else spec.ignoredisk
    boot = None if spec.bootloader is not None and spec.bootloader.line == line else spec.bootloader
    auto = None if spec.autopart is not None and spec.autopart.line == line else spec.autopart
    return replace(spec, requests=requests, clear=clear, ignoredisk=ignore, bootloader=boot, autopart=auto)


def _as_they_are(disks: Sequence[Disk], profile: Profile) -> Layout:
    answer = plan(Spec(), disks, profile)
    if isinstance(answer, Layout):
        return answer
    return Layout(profile, tuple(PlannedDisk(disk.name, disk.label, disk.sectors) for disk in disks))
