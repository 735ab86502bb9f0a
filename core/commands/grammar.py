"""Words into options, a command, its arguments and its parameters. Pure: knows no store and prints nothing.

The rules are Rocks' (``VERB OBJECT… [argument…] [name=value…]``, free order, the longest command wins) with two
differences: an unknown parameter is an error, and a missing trailing argument does not eat a host name.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from core.commands.command import Command, Kind
from core.commands.refusal import Status, refuse

PARAMETER = re.compile(r"([A-Za-z0-9_+-]+)=(.*)", re.DOTALL)
TRUE_WORDS = frozenset({"on", "yes", "y", "true", "1"})
FALSE_WORDS = frozenset({"off", "no", "n", "false", "0"})


@dataclass(frozen=True, slots=True)
class Options:
    """The words with two dashes, wherever they stood."""

    store: str | None = None
    read_only: bool = False
    help: bool = False
    version: bool = False
    dry_run: bool = False
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its options taken out."""

    options: Options
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """What is left for one command.

    Attributes:
        many: The words of its repeatable argument.
        values: Single arguments and parameters by name.
    """

    many: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)


FLAGS = {
    "--read-only": "read_only",
    "--help": "help",
    "-h": "help",
    "--version": "version",
    "--dry-run": "dry_run",
    "--yes": "yes",
}


def split_line(text: str) -> list[str]:
    """Split a line as a shell would.

    Raises:
        Refusal: A quote is not closed.
    """
    try:
        return shlex.split(text)
    except ValueError as error:
        refuse(f"cannot read the line: {str(error).lower()}", Status.NOT_UNDERSTOOD)


DASHED = {
    "console": frozenset({"escape", "log", "history"}),
    "report": frozenset({"format", "fail-on", "rules", "against", "released"}),
}
"""Commands whose parameters may be written ``--name VALUE`` as well, after the shell tools they stand beside."""


def undash(words: Sequence[str]) -> list[str]:
    """Write ``--escape ^O`` as ``escape=^O``, for the commands that allow it."""
    names = DASHED.get(next((word for word in words if word in DASHED), ""), frozenset())
    plain: list[str] = []
    pending = iter(words)
    for word in pending:
        name, equals, value = word.removeprefix("--").partition("=")
        if word.startswith("--") and name in names:
            plain.append(f"{name}={value if equals else next(pending, '')}")
        else:
            plain.append(word)
    return plain


def take_options(words: Sequence[str]) -> Line:
    """Separate the options from the rest; after a lone ``--`` everything is a word.

    Raises:
        Refusal: An unknown option, or ``--store`` without a URL.
    """
    store: str | None = None
    flags: dict[str, bool] = {}
    rest: list[str] = []
    pending = iter(words)
    for word in words:
        _check_text(word)
    for word in pending:
        if word == "--":
            rest.extend(pending)
        elif word in FLAGS:
            flags[FLAGS[word]] = True
        elif word == "--store" or word.startswith("--store="):
            store = word.partition("=")[2] if "=" in word else next(pending, "")
            if not store:
                refuse("--store needs a database URL or the path of a file", Status.NOT_UNDERSTOOD)
        elif word.startswith("-") and len(word) > 1:
            known = [*FLAGS, "--store"]
            refuse(f'unknown option "{word}"{nearest(word, known)}', Status.NOT_UNDERSTOOD)
        else:
            rest.append(word)
    return Line(Options(store=store, **flags), tuple(rest))


def _check_text(word: str) -> None:
    """Refuse what no database can keep: bytes that are no UTF-8, and NUL."""
    if "\0" in word or any("\ud800" <= letter <= "\udfff" for letter in word):
        refuse(f'the word "{word}" is not text in UTF-8', Status.NOT_UNDERSTOOD)


def nearest(word: str, known: Collection[str]) -> str:
    """`` (did you mean "x"?)``, or nothing when nothing is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f' (did you mean "{near[0]}"?)' if near else ""


def longest_command(words: Sequence[str], known: Collection[tuple[str, ...]]) -> tuple[str, ...] | None:
    """The longest known command the words begin with."""
    for length in range(len(words), 0, -1):
        if tuple(words[:length]) in known:
            return tuple(words[:length])
    return None


def fill(command: Command, words: Sequence[str]) -> Words:
    """Give the words after the command's own to its arguments and parameters.

    Raises:
        Refusal: An unknown parameter, one given twice, or more words than arguments.
    """
    positional, values = _parameters(command, words)
    many = next((one for one in command.arguments if one.many), None)
    open_names = [one.name for one in command.arguments if not one.many and one.name not in values]
    if many is None:
        if len(positional) > len(open_names):
            extra = positional[len(open_names)]
            refuse(f'"{command.name}" does not take the word "{extra}"', Status.NOT_UNDERSTOOD)
        values.update(zip(open_names, positional, strict=False))
        return Words((), values)
    if open_names and len(positional) > len(open_names):
        head = len(positional) - len(open_names)
        values.update(zip(open_names, positional[head:], strict=True))
        positional = positional[:head]
    return Words(tuple(positional), values)


def _parameters(command: Command, words: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    known = {one.name for one in command.all_parameters}
    known |= {one.name for one in command.arguments if not one.many}
    # A value of any text stands last, after the name of what it is the value of.
    last_is_free = any(one.free for one in command.arguments) and len(words) > 1
    positional: list[str] = []
    values: dict[str, str] = {}
    for index, word in enumerate(words, start=1):
        match = PARAMETER.fullmatch(word)
        name = match[1].lower().replace("_", "-") if match else ""
        if match is None or (name not in known and last_is_free and index == len(words)):
            positional.append(word)
            continue
        if name not in known:
            near = nearest(name, known)
            hint = near or (f" (known: {', '.join(sorted(known))})" if known else " (it takes none)")
            refuse(f'"{command.name}" has no parameter "{match[1]}"{hint}', Status.NOT_UNDERSTOOD)
        if name in values:
            refuse(f'parameter "{name}" is given twice', Status.NOT_UNDERSTOOD)
        values[name] = match[2]
    for one in command.all_parameters:
        if one.kind is Kind.BOOL and one.name in values:
            boolean(one.name, values[one.name])
    return positional, values


def boolean(name: str, text: str) -> bool:
    """Rocks' truth words in any case; other words are errors, where Rocks took them for false.

    Raises:
        Refusal: It is neither.
    """
    word = text.strip().lower()
    if word not in TRUE_WORDS and word not in FALSE_WORDS:
        refuse(f'"{name}" must be yes or no, not "{text}"')
    return word in TRUE_WORDS
