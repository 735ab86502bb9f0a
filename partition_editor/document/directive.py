"""One line as its release reads it: the command, its options and arguments, and everything wrong with it.

Options are matched the way the installers' parser does: anywhere in the line, ``--size 8000`` or ``--size=8000``,
any unambiguous prefix, the last of repeated ones, negative numbers as values. Pure; any thread.
"""

from __future__ import annotations

from dataclasses import dataclass

from partition_editor.document.tokens import Token
from partition_editor.findings import Severity
from partition_editor.options import CommandTable, Option, OptionKind


@dataclass(frozen=True, slots=True)
class Replacement:
    """A mend inside one line: replace `length` characters from `column` on by `text`."""

    column: int
    length: int
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong inside one line, wherever that line stands."""

    rule: str
    message: str
    column: int
    length: int
    severity: Severity = Severity.ERROR
    fix_label: str = ""
    fix: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """An option as it stands in the line.

    Attributes:
        written: The spelling used, perhaps an alias or a prefix of `option`.
        value: What it was given, after quotes; None for a flag.
        joined: ``--size=8000`` rather than ``--size 8000``.
        column: Where the option begins; `length` reaches to the end of its value.
        value_column: Where the value begins in the raw line.
    """

    option: Option
    written: str
    value: str | None
    joined: bool
    column: int
    length: int
    value_column: int = 0
    value_length: int = 0

    @property
    def number(self) -> int | None:
        """The value as an integer; None when it is none."""
        return as_integer(self.value) if self.option.kind is OptionKind.INT else None

    @property
    def words(self) -> tuple[str, ...]:
        """A list value's entries; empty ones are dropped, as the installers do."""
        return tuple(word for one in (self.value or "").split(",") if (word := one.strip()))


@dataclass(frozen=True, eq=False)
class Directive:
    """A line that is neither blank nor a comment. One object for each distinct text and release.

    Attributes:
        command: The command's canonical name (``part`` also for ``partition``); empty for a broken line.
        given: Options in order of appearance, repeated ones too.
        arguments: What is not an option: mount point, members, names.
        table: None when the release does not know the command.
    """

    command: str
    word: Token
    given: tuple[Given, ...] = ()
    arguments: tuple[Token, ...] = ()
    problems: tuple[Problem, ...] = ()
    table: CommandTable | None = None

    @property
    def is_valid(self) -> bool:
        """The release would take the line."""
        return all(one.severity is not Severity.ERROR for one in self.problems)

    def find(self, option: str) -> Given | None:
        """The last occurrence of an option, which is the one that counts; any of its spellings finds it."""
        for one in reversed(self.given):
            if option in one.option.spellings:
                return one
        return None

    def has(self, option: str) -> bool:
        """The option is there."""
        return self.find(option) is not None

    def text(self, option: str) -> str | None:
        """A text option's value, or None."""
        found = self.find(option)
        return None if found is None else found.value

    def number(self, option: str) -> int | None:
        """An integer option's value, or None."""
        found = self.find(option)
        return None if found is None else found.number

    def words(self, option: str) -> tuple[str, ...]:
        """A list option's entries; empty when it is not there."""
        found = self.find(option)
        return () if found is None else found.words


def as_integer(text: str | None) -> int | None:
    """A whole number as the installers read it (``-5`` and ``+5`` too), or None."""
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return None
