"""From a line to its effects: the one way in for the executable and for the TUI's command bar.

Every failure becomes one ``error - …`` line and a `Status`; nothing is raised for what an operator or the world did.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from socket import gethostname

from core.commands import helping
from core.commands.context import Context
from core.commands.grammar import Line, fill, longest_command, nearest, split_line, take_options
from core.commands.invocation import Invocation
from core.commands.refusal import Refusal, Status, refuse
from core.commands.registry import command_words, load
from core.commands.table import visible
from core.errors import HypervisorError, QuarryError, RemoteError, StoreConflict, StoreError


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended and what it printed."""

    status: Status
    out: str
    err: str


def dispatch(line: str | Sequence[str], context: Context) -> CommandResult:
    """Run a line to its end and return what it printed; the context's own sinks are not used.

    Blocks as long as the command does: call it from a worker thread.
    """
    out: list[str] = []
    err: list[str] = []
    inner = replace(context, write=out.append, warn=err.append)
    status = execute(line, inner)
    context.store = inner.store
    return CommandResult(status, "".join(out), "".join(err))


def execute(line: str | Sequence[str], context: Context) -> Status:
    """Run a line, printing to the context's sinks as it goes."""
    try:
        taken = take_options(split_line(line) if isinstance(line, str) else line)
        if taken.options.store is not None:
            refuse("--store chooses the store when quarry starts, not in a running one", Status.NOT_UNDERSTOOD)
        return execute_taken(taken, context)
    except Refusal as refusal:
        return _failed(context, refusal.refused.reason, refusal.status)


def execute_taken(line: Line, context: Context) -> Status:
    """Run a line whose options are already taken out and, as far as they concern the store, obeyed."""
    try:
        return _run(line, context)
    except Refusal as refusal:
        return _failed(context, refusal.refused.reason, refusal.status)
    except QuarryError as error:
        return _failed(context, error.sentence, _status_of(error))


def _run(line: Line, context: Context) -> Status:
    words = line.words
    if words and words[0] == "help":
        return helping.show(words[1:], context)
    name = longest_command(words, command_words())
    if name is None:
        if line.options.help or not words or words[-1] == "help":
            return helping.show(tuple(word for word in words if word != "help"), context)
        if helping.is_subtree(words):
            return helping.show(words, context)
        spoken = {" ".join(one) for one in command_words()}
        refuse(f'invalid rocks command "{" ".join(words)}"{nearest(" ".join(words), spoken)}', Status.NOT_UNDERSTOOD)
    rest = words[len(name) :]
    if line.options.help or rest[:1] == ("help",):
        return helping.show(name, context)
    return _invoke(Invocation(load(name), fill(load(name), rest), line.options, context, rest), line)


def _invoke(call: Invocation, line: Line) -> Status:
    command = call.command
    if line.options.dry_run and not command.changes:
        refuse(f'"{command.name}" changes nothing, so --dry-run has no meaning for it', Status.NOT_UNDERSTOOD)
    if (
        command.changes
        and not (line.options.dry_run and command.plans)
        and (call.context.settings.read_only or line.options.read_only)
    ):
        refuse(f'"{command.name}" changes something, and Quarry is in read-only mode')
    try:
        return command.run(call) or Status.DONE
    except (Refusal, QuarryError) as failure:
        _record_failure(call, failure)
        raise


def _record_failure(call: Invocation, failure: Refusal | QuarryError) -> None:
    """Put a change that did not happen in the action log; a store that cannot take it has its own error to tell."""
    if not call.command.changes or call.options.dry_run or isinstance(failure, StoreError):
        return
    result, why = (
        ("refused", failure.refused.reason) if isinstance(failure, Refusal) else ("failed", failure.sentence)
    )
    who = call.context.who
    with suppress(StoreError), call.context.open_store().begin(counts=False) as repository:
        repository.log.add(who=who, host=gethostname(), what=call.line, result=result, detail=why)


def _failed(context: Context, sentence: str, status: Status) -> Status:
    context.warn(f"error - {visible(sentence)}\n")
    return status


def _status_of(error: QuarryError) -> Status:
    if isinstance(error, StoreConflict):
        return Status.REFUSED
    if isinstance(error, StoreError):
        return Status.STORE
    return Status.CONTAINER if isinstance(error, HypervisorError | RemoteError) else Status.REFUSED
