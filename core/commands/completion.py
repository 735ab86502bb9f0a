"""What can follow: the same answers for shells and for the TUI's command bar.

Names come from the store, read-only; a store that cannot be read just gives no names.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from core.commands.command import Argument, Command, Kind, Noun
from core.commands.context import Context
from core.commands.grammar import FLAGS, PARAMETER, longest_command
from core.commands.registry import command_words, load
from core.errors import QuarryError

SHELLS = ("bash", "zsh")


@dataclass(frozen=True, slots=True)
class Completion:
    """One way to go on.

    Attributes:
        text: What replaces the word under the cursor.
        start: Where in the line that word begins.
        help: A few words about it; may be empty.
    """

    text: str
    start: int
    help: str = ""


def complete(line: str, cursor: int, context: Context, *, notes: bool = True) -> list[Completion]:
    """The ways to go on at `cursor` of a line without the leading ``quarry``. Reads the store.

    Args:
        notes: Also a few words about each, which costs the loading of every command in question.
    """
    before, current = _split(line[:cursor])
    found = _candidates([word for word in before if not word.startswith("--")], current, context, notes)
    start = cursor - len(current)
    return [Completion(text, start, note) for text, note in found]


def _split(text: str) -> tuple[list[str], str]:
    """The finished words and the unfinished one as it stands."""
    cut = len(text)
    while cut and not text[cut - 1].isspace():
        cut -= 1
    try:
        return shlex.split(text[:cut]), text[cut:]
    except ValueError:
        return text[:cut].split(), text[cut:]


Pairs = list[tuple[str, str]]


def _candidates(before: list[str], current: str, context: Context, notes: bool) -> Pairs:
    if current.startswith("-"):
        return [(flag, "") for flag in sorted((*FLAGS, "--store")) if flag.startswith(current)]
    if before[:1] == ["help"]:
        return _next_words(before[1:], current, notes)
    found = _next_words(before, current, notes)
    name = longest_command(before, command_words())
    if name is not None:
        command = load(name)
        found += _values(command, before[len(name) :], current, context)
    return found


def _next_words(before: list[str], current: str, notes: bool) -> Pairs:
    depth = len(before)
    visible = {one for one in command_words() if len(one) > depth and list(one[:depth]) == before}
    names = {one[depth]: one for one in sorted(visible, reverse=True) if one[depth].startswith(current)}
    return [(name, _note_on(one, depth, visible) if notes else "") for name, one in sorted(names.items())]


def _note_on(command: tuple[str, ...], depth: int, visible: Iterable[tuple[str, ...]]) -> str:
    """What a command is for; of the first word of several commands what can follow it."""
    if len(command) == depth + 1:
        return load(command).summary
    followers = {
        one[depth + 1] for one in visible if one[: depth + 1] == command[: depth + 1] and len(one) > depth + 1
    }
    return ", ".join(sorted(followers))


def _values(command: Command, after: list[str], current: str, context: Context) -> Pairs:
    match = PARAMETER.fullmatch(current)
    if match is not None:
        return [(f"{match[1]}={value}", "") for value in _values_of(command, match[1], match[2], context)]
    given = {word.partition("=")[0] for word in after if PARAMETER.fullmatch(word)}
    found = [(word, "") for word in _argument_words(command, after, current, context)]
    for one in command.all_parameters:
        if one.name not in given and one.name.startswith(current):
            found.append((f"{one.name}=", one.help))
    return found


def _argument_words(command: Command, after: list[str], current: str, context: Context) -> Iterable[str]:
    positional = [word for word in after if not PARAMETER.fullmatch(word)]
    arguments: list[Argument] = list(command.arguments)
    if arguments and not arguments[0].many:
        arguments = arguments[len(positional) : len(positional) + 1]
    elif not positional:
        arguments = arguments[:1]
    taken = set(positional)
    for noun in dict.fromkeys(one.noun for one in arguments):
        yield from (name for name in _names(noun, current, context) if name not in taken)


def _values_of(command: Command, name: str, start: str, context: Context) -> list[str]:
    parameter = next((one for one in command.all_parameters if one.name == name), None)
    if parameter is None:
        noun = next((one.noun for one in command.arguments if one.name == name), Noun.NOTHING)
        return _names(noun, start, context)
    if parameter.kind is Kind.BOOL:
        choices: tuple[str, ...] = ("yes", "no")
    else:
        choices = parameter.choices
    return [one for one in choices if one.startswith(start)] or _names(parameter.noun, start, context)


def _names(noun: Noun, start: str, context: Context) -> list[str]:
    reader = READERS.get(noun)
    if reader is None:
        return []
    names: list[str] = []
    with suppress(QuarryError):
        names = reader(context)
    # A name with a blank is one word for the shell and for us only in its escaped form.
    return [name.replace(" ", "\\ ") for name in names if name.startswith(start)]


def _hosts(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        groups = [one.name for one in repository.memberships.appliances()]
        return [node.name for node in repository.nodes.all()] + groups


def _containers(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return [one.name for one in repository.fleet().containers]


def _vms(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return [vm.name for vm in repository.vms.all()]


def _memberships(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return [one.name for one in repository.memberships.all()]


def _appliances(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return [one.name for one in repository.memberships.appliances()]


def _networks(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return [one.name for one in repository.subnets.all()]


def _clusters(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return [one.frontend for one in repository.clusters.all()]


def _interfaces(context: Context) -> list[str]:
    with context.open_store().reading() as repository:
        return sorted({one.device for one in repository.networks.all() if one.device})


READERS: dict[Noun, Callable[[Context], list[str]]] = {
    Noun.HOST: _hosts,
    Noun.CONTAINER: _containers,
    Noun.VM: _vms,
    Noun.MEMBERSHIP: _memberships,
    Noun.APPLIANCE: _appliances,
    Noun.NETWORK: _networks,
    Noun.CLUSTER: _clusters,
    Noun.INTERFACE: _interfaces,
}

BASH = """\
_quarry() {
    local text=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} current skip one
    current=${text##*[[:space:]]}
    # bash ends words at = and : too; what it takes for the word is only the end of ours.
    [[ $word == [=:] ]] && word=
    skip=${current%"$word"}
    COMPREPLY=()
    while IFS= read -r one; do
        COMPREPLY+=("${one#"$skip"}")
    done < <("${COMP_WORDS[0]}" __complete "$text" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
    return 0
}
complete -F _quarry quarry
"""

ZSH = """\
#compdef quarry
_quarry() {
    local -a found
    found=("${(@f)$(${words[1]} __complete "${LBUFFER}" 2>/dev/null)}")
    compadd -Q -S '' -- ${(M)found:#*=}
    compadd -Q -- ${found:#*=}
}
if [[ $funcstack[1] == _quarry ]]; then
    _quarry "$@"
else
    compdef _quarry quarry
fi
"""


def script(shell: str) -> str:
    """The completion script of one of `SHELLS`."""
    return {"bash": BASH, "zsh": ZSH}[shell]


def answer_shell(text: str, context: Context) -> str:
    """What the scripts ask for: the line up to the cursor, program name included, gives one candidate a line."""
    _program, _, line = text.lstrip().partition(" ")
    return "".join(f"{one.text}\n" for one in complete(line, len(line), context, notes=False))
