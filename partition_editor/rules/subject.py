"""What the rules look at: one text, one node's disks, one profile, and the planner's answer where there is one.

Also how findings are made: spans, fixes, messages that name the line or the node. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from core.outcome import Refused
from partition_editor.disks import Disk, Profile
from partition_editor.document import edits
from partition_editor.document.directive import Directive
from partition_editor.document.drives import drive_places
from partition_editor.document.kickstart import is_kickstart
from partition_editor.document.lines import Document
from partition_editor.document.reading import read_directives, read_spec
from partition_editor.findings import Finding, Fix, Severity, Span, TextEdit
from partition_editor.layout import Layout, PlannedPartition, PlanRefusal
from partition_editor.options import commands, fedora_age, is_rhel
from partition_editor.planner.release import lays_out_cylinders
from partition_editor.requests import BtrfsRequest, LogVolRequest, MountRequest, PartRequest, RaidRequest, Spec
from partition_editor.rules.catalog import RULES

SPECIAL_MOUNTS = frozenset({"swap", "biosboot", "prepboot", "appleboot", "None"})
MEMBER_PREFIXES = ("raid.", "pv.", "btrfs.", "stratis.")
ROCKS_OF = {"RHEL5": 5, "RHEL6": 6, "RHEL7": 7}

Mounted = PartRequest | RaidRequest | LogVolRequest | BtrfsRequest | MountRequest


@dataclass(frozen=True)
class Subject:
    """One text on one node. Empty `disks` mean that the node's disks are not known."""

    document: Document
    disks: tuple[Disk, ...]
    profile: Profile
    answer: Layout | PlanRefusal | None = None
    node: str = ""

    @cached_property
    def directives(self) -> list[tuple[int, Directive]]:
        """Every directive with its line."""
        return read_directives(self.document, self.profile.release)

    @cached_property
    def by_line(self) -> dict[int, Directive]:
        """Line → directive."""
        return dict(self.directives)

    @cached_property
    def spec(self) -> Spec:
        """What the text asks for."""
        return read_spec(self.document, self.profile)

    @cached_property
    def is_kickstart(self) -> bool:
        """A whole kickstart file rather than user_partition_info."""
        return is_kickstart(self.document)

    @property
    def layout(self) -> Layout | None:
        """The planner's layout, when it made one."""
        return self.answer if isinstance(self.answer, Layout) else None

    @property
    def release(self) -> str:
        """Short for the profile's release."""
        return self.profile.release

    @property
    def is_rhel5(self) -> bool:
        """The cylinder-minded installer."""
        return lays_out_cylinders(self.release)

    @property
    def age(self) -> int:
        """The Fedora the release stems from."""
        return fedora_age(self.release)

    @property
    def reads_in_order(self) -> bool:
        """RHEL 5 and 6 carry lines out as written; later releases by kind of command."""
        return is_rhel(self.release) and self.age < 21

    @property
    def rocks(self) -> int | None:
        """Major version of Rocks: the profile's, else the one that carried the release."""
        return self.profile.rocks or ROCKS_OF.get(self.release)

    @property
    def where(self) -> str:
        """ "compute-0-0: " before a message about the node; empty when there is no name."""
        return f"{self.node}: " if self.node else ""

    @cached_property
    def disk_names(self) -> tuple[str, ...]:
        """Names of the node's disks."""
        return tuple(disk.name for disk in self.disks)

    @cached_property
    def by_name(self) -> dict[str, Disk]:
        """Disk name → disk."""
        return {disk.name: disk for disk in self.disks}

    @cached_property
    def cleared(self) -> dict[str, bool]:
        """Disk name → whether it is cleared, as far as `partition_editor.rules.targets` was asked."""
        return {}

    def disk(self, name: str) -> Disk | None:
        """A disk by name."""
        return self.by_name.get(name)

    @cached_property
    def parts(self) -> tuple[PartRequest, ...]:
        """The ``part`` lines."""
        return self.spec.parts

    @cached_property
    def part_lines(self) -> dict[int, PartRequest]:
        """Line → its ``part`` request."""
        return {one.line: one for one in self.parts}

    @cached_property
    def mounted(self) -> list[Mounted]:
        """Requests that mount something at a path, in file order."""
        kinds = (PartRequest, RaidRequest, LogVolRequest, BtrfsRequest, MountRequest)
        return [one for one in self.spec.requests if isinstance(one, kinds) and not is_special(one.mount)]

    @cached_property
    def planned(self) -> dict[int, tuple[str, PlannedPartition]]:
        """Line → disk and planned partition of its request."""
        found: dict[int, tuple[str, PlannedPartition]] = {}
        for disk in self.layout.disks if self.layout else ():
            for one in disk.partitions:
                if one.line is not None:
                    found[one.line] = (disk.name, one)
        return found

    @cached_property
    def drive_places(self) -> dict[str, list[Span]]:
        """Drive name → every place of the text that names it."""
        return drive_places(self.directives)

    @cached_property
    def member_lines(self) -> dict[str, list[int]]:
        """``raid.01``, ``pv.1`` … → the lines that make it."""
        found: dict[str, list[int]] = {}
        for one in self.spec.requests:
            if isinstance(one, (PartRequest, RaidRequest)) and one.mount.startswith(MEMBER_PREFIXES):
                found.setdefault(one.mount, []).append(one.line)
        return found

    def line_span(self, number: int) -> Span:
        """The whole line."""
        line = self.document.line(number)
        return Span(number, 0, len(line.raw) if line else 0)

    def option_span(self, number: int, option: str) -> Span:
        """An option with its value; the command's word when it is not there."""
        directive = self.by_line.get(number)
        if directive is None:
            return self.line_span(number)
        given = directive.find(option)
        if given is None:
            return Span(number, directive.word.column, directive.word.length)
        return Span(number, given.column, given.length)

    def argument_span(self, number: int, index: int = 0) -> Span:
        """A mount point, name or member."""
        directive = self.by_line.get(number)
        if directive is None or index >= len(directive.arguments):
            return self.line_span(number)
        token = directive.arguments[index]
        return Span(number, token.column, token.length)

    def member_span(self, number: int, name: str) -> Span:
        """A member by name."""
        directive = self.by_line.get(number)
        for index, token in enumerate(directive.arguments if directive else ()):
            if index and token.text == name:
                return self.argument_span(number, index)
        return self.line_span(number)

    def set_fix(self, label: str, number: int, values: Mapping[str, edits.Value]) -> tuple[Fix, ...]:
        """A fix that sets options of a line; none when the release would refuse the result."""
        result = edits.set_options(self.document, number, values, self.release)
        return self._line_fix(label, number, result)

    def argument_fix(self, label: str, number: int, index: int, text: str) -> tuple[Fix, ...]:
        """A fix that rewrites an argument."""
        result = edits.set_argument(self.document, number, index, text, self.release)
        return self._line_fix(label, number, result)

    def members_fix(self, label: str, number: int, members: Sequence[str]) -> tuple[Fix, ...]:
        """A fix that rewrites the members of a line."""
        return self._line_fix(label, number, edits.set_members(self.document, number, members, self.release))

    def _line_fix(self, label: str, number: int, result: Document | Refused) -> tuple[Fix, ...]:
        changed = None if isinstance(result, Refused) else result.line(number)
        if changed is None or changed == self.document.line(number):
            return ()
        return (Fix(label, (TextEdit(Span(number), changed.raw, whole_line=True),)),)

    def remove_fix(self, label: str, number: int) -> tuple[Fix, ...]:
        """A fix that takes a line out."""
        return (Fix(label, (TextEdit(self.line_span(number), None, whole_line=True),)),)

    def insert_fix(self, text: str, before: int | None = None) -> tuple[Fix, ...]:
        """A fix that adds a line, in front of the first ``part`` line unless told otherwise."""
        word = text.split(" ", 1)[0]
        table = commands(self.release).get(word)
        if table is None or table.kind != "ok":
            return ()
        first = next((number for number, one in self.directives if one.command == "part"), None)
        number = before or first or len(self.document) + 1
        return (Fix(f"add {text}", (TextEdit(Span(number), text + self.document.ending),)),)


def finding(
    rule: str,
    message: str,
    span: Span | None = None,
    *,
    device: str = "",
    fixes: tuple[Fix, ...] = (),
    severity: Severity | None = None,
) -> Finding:
    """A finding of a rule; its severity is the rule's first unless told otherwise."""
    known = RULES[rule]
    return Finding(rule, severity or known.severities[0], message, span, device, fixes)


def is_special(mount: str) -> bool:
    """``swap``, ``raid.01``, ``biosboot`` …: no place in the file tree."""
    return mount in SPECIAL_MOUNTS or mount.startswith(MEMBER_PREFIXES)


def listed(names: Sequence[str]) -> str:
    """Names for a sentence."""
    return ", ".join(names)


def duplicates(pairs: Iterator[tuple[str, int]]) -> Iterator[tuple[str, int, int]]:
    """Of names with lines: name, the line before, and the line that repeats it."""
    seen: dict[str, int] = {}
    for name, line in pairs:
        if name in seen:
            yield name, seen[name], line
        seen[name] = line
