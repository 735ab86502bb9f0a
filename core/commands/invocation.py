"""One run of one command: its words, typed access to them, its transactions and its output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from socket import gethostname
from typing import TYPE_CHECKING, TypeVar

from core.commands.command import Command
from core.commands.context import Context, Question
from core.commands.grammar import Options, Words, boolean
from core.commands.refusal import refuse
from core.commands.table import Row, as_json, as_table, visible

if TYPE_CHECKING:
    from core.store.repository import Repository


T = TypeVar("T")
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")
LONGEST_NUMBER = 20
PASSWORD = re.compile(r"(://[^/@:\s]*:)\S+@")
SECRET = re.compile(r"(pw|passwd|password|passphrase|secret|token)$", re.IGNORECASE)
"""Attributes whose values are not written into the log, by how their names end (``Kickstart_PrivateRootPW``)."""


def _without_secret(typed: Sequence[str]) -> tuple[str, ...]:
    """The words of a command about an attribute, those behind a secret one's name hidden."""
    at = next((at for at, word in enumerate(typed) if SECRET.search(word)), len(typed))
    secret = at < len(typed)
    hidden = ("value=***" if secret and word.startswith("value=") else word for word in typed[: at + 1])
    return (*hidden, *("value=***" if word.startswith("value=") else "***" for word in typed[at + 1 :]))


class _TakenBack(Exception):
    """Ends the transaction of a dry run, and with it all that it did."""


@dataclass(slots=True)
class Invocation:
    """What `Command.run` is given.

    Attributes:
        typed: The words after the command's own, as they came.
    """

    command: Command
    words: Words
    options: Options
    context: Context
    typed: tuple[str, ...] = ()

    @property
    def hosts(self) -> tuple[str, ...]:
        """The words of the repeatable argument."""
        return self.words.many

    @property
    def line(self) -> str:
        """The command as it was typed, for the log: without passwords in URLs and values of secret attributes."""
        typed = _without_secret(self.typed) if self.command.words[-1] == "attr" else self.typed
        return PASSWORD.sub(r"\1***@", shlex.join((*self.command.words, *typed)))

    def text(self, name: str) -> str | None:
        """A value as given, None when it was not."""
        return self.words.values.get(name)

    def is_named(self, name: str) -> bool:
        """Whether a value came as ``name=value`` rather than as a word at its place."""
        return any(word.lower().startswith(f"{name}=") for word in self.typed)

    def needed(self, name: str, sentence: str) -> str:
        """A value that must be there and not be empty.

        Raises:
            Refusal: With this sentence.
        """
        value = self.words.values.get(name)
        if not value:
            refuse(sentence)
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """A truth value."""
        value = self.words.values.get(name)
        return default if value is None else boolean(name, value)

    def integer(self, name: str, low: int, high: int, sentence: str = "") -> int | None:
        """A whole number in a range, None when it was not given.

        Args:
            sentence: What to say when it is no number at all; Rocks' words where Rocks had them.

        Raises:
            Refusal: No number, or out of range.
        """
        value = self.words.values.get(name)
        if value is None:
            return None
        return whole_number(name, value, low, high, sentence)

    def write(self, text: str) -> None:
        """Print text, which brings its own newlines."""
        self.context.write(text)

    def warn(self, text: str) -> None:
        """One line on stderr that is not an error."""
        self.context.warn(f"warning - {visible(text)}\n")

    def fail(self, text: str) -> None:
        """One ``error - `` line about one of several targets; the command goes on."""
        self.context.warn(f"error - {visible(text)}\n")

    def note(self, text: str) -> None:
        """One line on stderr the operator should know."""
        self.context.warn(f"note - {visible(text)}\n")

    def table(self, header: Sequence[str], rows: Sequence[Row], *, trim_owner: bool = True) -> None:
        """Print rows as Rocks did, or as JSON when the operator asked for that.

        Raises:
            Refusal: `output-format` has another value.
        """
        wanted = (self.words.values.get("output-format") or "text").lower()
        if wanted == "json":
            self.write(as_json(header, rows))
        elif wanted in ("text", "plain"):
            self.write(as_table(header, rows, trim_owner=trim_owner))
        else:
            refuse(f'"output-format" must be text or json, not "{wanted}"')

    @contextmanager
    def reading(self) -> Iterator[Repository]:
        """A consistent look at the store."""
        with self.context.open_store().reading() as repository:
            yield repository

    def change(self, work: Callable[[Repository], T], target: str = "") -> T:
        """Run the command's one write transaction; its line in the action log is part of it.

        In a dry run everything is done, checked by the database too, and then taken back.

        Args:
            work: Uses the repository and nothing else: it runs again when it lost a race or its connection.
            target: What it is done to, for the log.
        """

        def recorded(repository: Repository) -> T:
            result = work(repository)
            repository.log.add(who=self.context.who, host=gethostname(), what=self.line, target=target)
            return result

        if self.options.dry_run:
            return self._tried(recorded)
        return self.context.open_store().transact(recorded)

    def _tried(self, work: Callable[[Repository], T]) -> T:
        results: list[T] = []
        try:
            with self.context.open_store().begin() as repository:
                results.append(work(repository))
                raise _TakenBack
        except _TakenBack:
            self.note("this was a dry run: nothing was written")
        return results[0]

    def record(self, target: str = "") -> None:
        """Put a success in the action log, for work that had a transaction of its own."""
        who, host = self.context.who, gethostname()
        with self.context.open_store().begin(counts=False) as repository:
            repository.log.add(who=who, host=host, what=self.line, target=target)

    def confirm(self, lines: Sequence[str], phrase: str = "") -> bool:
        """Ask before something that cannot be taken back, unless ``--yes`` or nobody is there to answer.

        Returns:
            Whether the lines were shown.

        Raises:
            Refusal: The answer was no.
        """
        if self.options.yes or self.context.ask is None:
            return False
        if not self.context.ask(Question(tuple(lines), phrase)):
            refuse("not confirmed, nothing was done")
        return True


def whole_number(name: str, text: str, low: int, high: int, sentence: str = "") -> int:
    """Read a whole number in a range.

    Raises:
        Refusal: No number (`sentence` when given), or out of range.
    """
    digits = WHOLE_NUMBER.fullmatch(text.strip())
    if digits is None:
        refuse(sentence or f'"{name}" must be a whole number, not "{text}"')
    # Python refuses to read numbers of thousands of digits; none that long is in any range here.
    number = int(digits[0]) if len(digits[0]) < LONGEST_NUMBER else None
    if number is None or not low <= number <= high:
        refuse(f'"{name}" must be between {low} and {high}, not {digits[0][:LONGEST_NUMBER]}')
    return number
