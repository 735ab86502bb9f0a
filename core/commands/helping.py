"""``help``: one command in full, or the commands below some words."""

from __future__ import annotations

import textwrap

from core.commands.command import Command
from core.commands.context import Context
from core.commands.refusal import Status, refuse
from core.commands.registry import below, command_words, load

WIDTH = 100
INTRODUCTION = """\
usage: quarry [--store URL] [--read-only] VERB OBJECT... [argument...] [name=value...]

Without a command quarry opens its screens, with --demo alone on a demo fleet. Everywhere: --help,
--version, --yes (do not ask), --dry-run (print the plan only). "quarry VERB OBJECT... help"
explains one command.
Exit status: 0 done, 1 refused, 2 not understood, 3 store, 4 container, 5 partly done.

"""


def is_subtree(words: tuple[str, ...]) -> bool:
    """Commands begin with these words, though none consists of them."""
    return any(one[: len(words)] == words for one in command_words())


def show(words: tuple[str, ...], context: Context) -> Status:
    """Print the help of a command, of a subtree, or of everything.

    Raises:
        Refusal: No command begins with these words.
    """
    if not words:
        context.write(INTRODUCTION)
    if words in command_words():
        context.write(describe(load(words)))
        return Status.DONE
    found = below(words)
    if not found:
        refuse(f'invalid rocks command "{" ".join(words)}"', Status.NOT_UNDERSTOOD)
    context.write("".join(f"{command.name} {command.usage}".rstrip() + "\n" for command in found))
    return Status.DONE


def describe(command: Command) -> str:
    """Everything a command says of itself."""
    parts = [f"quarry {command.name} {command.usage}".rstrip(), "", *_wrap(command.summary, "")]
    if command.details:
        parts += ["", *_wrap(command.details, "")]
    named = [(argument.name, argument.help) for argument in command.arguments]
    named += [(f"{one.name}=", one.help) for one in command.all_parameters]
    if command.changes:
        named.append(("--dry-run", "print what would be done, and do nothing"))
    if named:
        width = max(len(name) for name, _help in named) + 2
        parts.append("")
        for name, text in named:
            lines = textwrap.wrap(text, WIDTH - width - 2) or [""]
            parts.append(f"  {name.ljust(width)}{lines[0]}")
            parts += [" " * (width + 2) + line for line in lines[1:]]
    if command.examples:
        parts += ["", *(f"  quarry {example}" for example in command.examples)]
    return "\n".join(parts) + "\n"


def _wrap(text: str, indent: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append("")
        lines += textwrap.wrap(" ".join(paragraph.split()), WIDTH, initial_indent=indent, subsequent_indent=indent)
    return lines
