"""What each release's kickstart parser accepts: commands, options, levels, conflicts.

The tables are data (`data/options.json`, distilled by `scripts/distil_options.py` from recordings of every release's
own parser), read once per process on first use. Pure; any thread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property, lru_cache
from importlib import resources
from types import MappingProxyType

from core.errors import PartitionError


class OptionKind(Enum):
    """What stands behind an option."""

    FLAG = "flag"
    INT = "int"
    TEXT = "text"
    LIST = "list"
    """Comma-separated, no spaces."""
    LEVEL = "level"
    SCHEME = "scheme"
    """``autopart --type``."""
    DEVICE = "device"
    """A leading ``/dev/`` is dropped."""
    OPTIONAL = "optional"
    """A word that may be left out: ``mount --reformat``."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of one command in one release. `name` is its first spelling."""

    name: str
    spellings: tuple[str, ...]
    kind: OptionKind
    required: bool = False
    deprecated: bool = False

    @property
    def takes_value(self) -> bool:
        """Something must follow it."""
        return self.kind not in (OptionKind.FLAG, OptionKind.OPTIONAL)


@dataclass(frozen=True)
class CommandTable:
    """One command of one release. `kind` is ``ok``, ``deprecated`` (ignored) or ``removed`` (refused)."""

    name: str
    options: Mapping[str, Option]
    """Spelling → option."""
    kind: str = "ok"
    conflicts: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """Every spelling, sorted."""
        return tuple(sorted(self.options))

    def completions(self, prefix: str) -> tuple[str, ...]:
        """Spellings that begin with what was written; ``--ond`` gives two, which the release calls ambiguous."""
        return tuple(one for one in self.spellings if one.startswith(prefix))


FEDORA_AGE = {"RHEL3": 1, "RHEL4": 3, "RHEL5": 6, "RHEL6": 12, "RHEL7": 21, "RHEL8": 28, "RHEL9": 34, "RHEL10": 40}
"""Which Fedora a Red Hat release's partitioning grew from, for rules that came with one."""

ALIASES = {"partition": "part"}
"""Other names of a command: the parser counts both as one."""


@lru_cache(maxsize=1)
def _file() -> tuple[tuple[str, ...], dict[str, tuple[list[int | None], list[dict[str, object]]]]]:
    text = resources.files("partition_editor").joinpath("data/options.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    commands = {name: (entry["of"], entry["tables"]) for name, entry in raw["commands"].items()}
    return tuple(raw["releases"]), commands


@lru_cache(maxsize=1)
def releases() -> tuple[str, ...]:
    """Every release there is a table for, Red Hat's oldest first, then Fedora's."""
    known = _file()[0]

    def age(name: str) -> tuple[bool, int]:
        return not name.startswith("RHEL"), int(re.sub(r"\D", "", name))

    return tuple(sorted(known, key=age))


def _option(text: str) -> Option:
    spellings, kind = text.split(" ")
    names = tuple(spellings.split("|"))
    return Option(names[0], names, OptionKind(kind.rstrip("!~")), "!" in kind, "~" in kind)


@lru_cache(maxsize=64)
def commands(release: str) -> Mapping[str, CommandTable]:
    """The storage commands of a release by name.

    Raises:
        PartitionError: There is no such release.
    """
    known, tables = _file()
    if release not in known:
        raise PartitionError(f"unknown release {release!r}", "", "one of " + ", ".join(releases()))
    index = known.index(release)
    found = {}
    for name, (of, distinct) in tables.items():
        number = of[index]
        if number is not None:
            found[name] = _table(name, distinct[number])
    return MappingProxyType(found)


def _table(name: str, raw: dict[str, object]) -> CommandTable:
    def words(key: str) -> tuple[str, ...]:
        value = raw.get(key, ())
        return tuple(str(one) for one in value) if isinstance(value, list) else ()

    options = [_option(one) for one in words("options")]
    by_spelling = {spelling: option for option in options for spelling in option.spellings}
    conflicts = tuple(ALIASES.get(one, one) for one in words("conflicts"))
    return CommandTable(name, MappingProxyType(by_spelling), str(raw.get("kind", "ok")), conflicts, words("levels"))


def canonical(command: str) -> str:
    """``partition`` and ``part`` are one command."""
    return ALIASES.get(command, command)


def fedora_age(release: str) -> int:
    """The Fedora a release's partitioning stems from, as a number."""
    if release in FEDORA_AGE:
        return FEDORA_AGE[release]
    if release.startswith("RHEL"):
        return 41
    return int(re.sub(r"\D", "", release))


def is_rhel(release: str) -> bool:
    """A Red Hat release (or its clones), rather than Fedora."""
    return release.startswith("RHEL")


def scheme_names(release: str) -> tuple[str, ...]:
    """What ``autopart --type`` may say."""
    names = ["plain", "partition", "lvm", "btrfs"]
    if fedora_age(release) >= 20:
        names.append("thinp")
    if release == "RHEL11" or (not is_rhel(release) and fedora_age(release) >= 45):
        names.append("stratis")
    return tuple(names)


@lru_cache(maxsize=4096)
def option_history(command: str, option: str) -> tuple[str, ...]:
    """The releases that know an option, Red Hat's first; for "known since" and "removed in"."""
    return tuple(
        release
        for release in releases()
        if (table := commands(release).get(command)) is not None and option in table.options
    )
