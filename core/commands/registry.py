"""Which commands exist: the files of `core.commands.verbs`. A command's module is imported when it is used."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from core.commands.command import Command

PACKAGE = "core.commands.verbs"


@cache
def command_words() -> frozenset[tuple[str, ...]]:
    """The words of every command, hidden ones included, without importing any."""
    folder = Path(__file__).parent / "verbs"
    names = {entry.name.partition(".")[0] for entry in folder.iterdir() if entry.name.endswith((".py", ".pyc"))}
    return frozenset(tuple(name.split("_")) for name in names if not name.startswith("_"))


def load(words: tuple[str, ...]) -> Command:
    """Import one command by its words, which must be in `command_words`."""
    command = import_module(f"{PACKAGE}.{'_'.join(words)}").COMMAND
    if not isinstance(command, Command):
        raise TypeError(f"{PACKAGE}.{'_'.join(words)}.COMMAND is not a Command")
    return command


def below(prefix: tuple[str, ...]) -> list[Command]:
    """Every visible command that begins with these words, in alphabetical order; imports them all."""
    found = [load(words) for words in sorted(command_words()) if words[: len(prefix)] == prefix]
    return [command for command in found if not command.hidden]
