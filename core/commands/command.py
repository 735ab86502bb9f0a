"""What a command declares about itself; parsing, help and completion all read this and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.commands.invocation import Invocation
    from core.commands.refusal import Status


class Kind(Enum):
    """Type of a value; the value is what a usage line prints."""

    STRING = "string"
    BOOL = "bool"
    INTEGER = "int"


class Noun(Enum):
    """What a word names, for completion."""

    NOTHING = ""
    HOST = "host"
    CONTAINER = "container"
    VM = "vm"
    MEMBERSHIP = "membership"
    APPLIANCE = "appliance"
    NETWORK = "network"
    CLUSTER = "cluster"
    INTERFACE = "interface"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Argument:
    """A positional word.

    Attributes:
        many: Takes all words the later arguments leave over; only the first argument may.
        required: Printed in braces rather than brackets. The command itself says which sentence its absence gives.
        free: Any text, also ``a=b`` where the command has no parameter ``a``; only the last argument may.
    """

    name: str
    help: str
    many: bool = False
    required: bool = True
    noun: Noun = Noun.NOTHING
    free: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """A ``name=value`` word.

    Attributes:
        help: One sentence, its default included.
        choices: The values it can have, for completion; empty when they are many.
    """

    name: str
    help: str
    kind: Kind = Kind.STRING
    noun: Noun = Noun.NOTHING
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """One command of Quarry.

    Attributes:
        words: ``("list", "host", "vm")``.
        summary: One sentence for lists of commands.
        run: Does it. Returns the exit status, or None for `Status.DONE`; raises `Refusal` for a mistake.
        details: Paragraphs for the command's own help.
        examples: Lines without the leading ``quarry``.
        changes: It writes: refused in read-only mode, recorded in the action log.
        tabular: It prints a table: takes ``output-format=json``.
        plans: It makes a plan of steps and shows that for ``--dry-run``. Others that change something do it and
            take it back.
        hidden: Left out of help and completion.
    """

    words: tuple[str, ...]
    summary: str
    run: Callable[[Invocation], Status | None]
    arguments: tuple[Argument, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    details: str = ""
    examples: tuple[str, ...] = ()
    changes: bool = False
    tabular: bool = False
    plans: bool = False
    hidden: bool = False

    @property
    def name(self) -> str:
        """The words as one text."""
        return " ".join(self.words)

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """The declared parameters and those every command of this sort has, sorted by name."""
        shared = (OUTPUT_FORMAT,) if self.tabular else ()
        return tuple(sorted((*self.parameters, *shared), key=lambda one: one.name))

    @property
    def usage(self) -> str:
        """Rocks' usage line: ``{host}... {membership} [cpus=string]``, parameters in alphabetical order."""
        parts = []
        for argument in self.arguments:
            text = f"{{{argument.name}}}" if argument.required else f"[{argument.name}]"
            parts.append(text + ("..." if argument.many else ""))
        parts += [f"[{one.name}={one.kind.value}]" for one in self.all_parameters]
        return " ".join(parts)


OUTPUT_FORMAT = Parameter(
    "output-format", "text (default) or json: a list of objects named after the headers", choices=("text", "json")
)
