"""Which commands exist: the files of `core.commands.verbs` and of packages that were added.

A command's module is imported when it is used. Rooms that this one may not import (the partition editor) bring their
commands along: whoever composes the program adds their packages.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from core.commands.command import Command

PACKAGE = "core.commands.verbs"


_packages: dict[str, Path] = {PACKAGE: Path(__file__).parent / "verbs"}


def add_package(name: str, folder: Path) -> None:
    """Add another package of commands; adding one again does nothing.

    Args:
        name: ``partition_editor.verbs``.
        folder: Where its files are.
    """
    if name not in _packages:
        _packages[name] = folder
        _modules.cache_clear()
        command_words.cache_clear()


@cache
def _modules() -> dict[tuple[str, ...], str]:
    """The words of every command → its module."""
    found: dict[tuple[str, ...], str] = {}
    for package, folder in _packages.items():
        names = {entry.name.partition(".")[0] for entry in folder.iterdir() if entry.name.endswith((".py", ".pyc"))}
        found |= {tuple(name.split("_")): f"{package}.{name}" for name in names if not name.startswith("_")}
    return found


@cache
def command_words() -> frozenset[tuple[str, ...]]:
    """The words of every command, hidden ones included, without importing any."""
    return frozenset(_modules())


def load(words: tuple[str, ...]) -> Command:
    """Import one command by its words, which must be in `command_words`."""
    module = _modules()[words]
    command = import_module(module).COMMAND
    if not isinstance(command, Command):
        raise TypeError(f"{module}.COMMAND is not a Command")
    return command


def below(prefix: tuple[str, ...]) -> list[Command]:
    """Every visible command that begins with these words, in alphabetical order; imports them all."""
    found = [load(words) for words in sorted(command_words()) if words[: len(prefix)] == prefix]
    return [command for command in found if not command.hidden]
