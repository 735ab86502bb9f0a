"""`quarry` on a shell's command line. Runs in the main thread of its process."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence

from core.commands.context import Context, Question
from core.commands.dispatch import execute_taken
from core.commands.grammar import take_options, undash
from core.commands.refusal import Refusal, Status
from core.commands.table import visible
from core.errors import QuarryError
from core.settings import load_settings


def main(argv: Sequence[str]) -> int:
    """Run one command and return the process's exit status (`Status`).

    Args:
        argv: The words after ``quarry``.
    """
    # A process this short leaves next to no cycles, and looking for them costs a tenth of a long listing.
    gc.set_threshold(100_000, 50, 50)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        status = _main(argv)
        sys.stdout.flush()
    except KeyboardInterrupt:
        sys.stderr.write("\nerror - interrupted\n")
        return Status.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output had enough; the interpreter must not try to flush into the closed pipe again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Status.DONE
    return status


def _main(argv: Sequence[str]) -> int:
    if list(argv[:1]) == ["__complete"]:
        return _complete(" ".join(argv[1:]))
    try:
        line = take_options(undash(argv))
        if line.options.version:
            sys.stdout.write(f"quarry {installed_version()}\n")
            return Status.DONE
        settings = load_settings(store=line.options.store, read_only=line.options.read_only)
    except Refusal as refusal:
        sys.stderr.write(f"error - {visible(refusal.refused.reason)}\n")
        return refusal.status
    except QuarryError as error:
        sys.stderr.write(f"error - {visible(error.sentence)}\n")
        return Status.REFUSED
    context = Context(settings, write=_write, warn=_warn, ask=ask_terminal if _has_terminal() else None)
    try:
        return execute_taken(line, context)
    finally:
        context.close()


def _complete(text: str) -> int:
    """Answer a completion script: quickly, and with nothing at all where something is wrong."""
    from core.commands.completion import answer_shell

    try:
        context = Context(load_settings(read_only=True))
        sys.stdout.write(answer_shell(text, context))
        context.close()
    except QuarryError:
        return Status.REFUSED
    return Status.DONE


def installed_version() -> str:
    """The version of the installed package."""
    from importlib.metadata import version

    return version("quarry")


def ask_terminal(question: Question) -> bool:
    """Show what will happen and read the answer; only ``y`` or the phrase is yes, an empty line never."""
    for line in question.lines:
        sys.stderr.write(f"{visible(line)}\n")
    wanted = question.phrase or "y"
    sys.stderr.write(f'type "{question.phrase}" to go on: ' if question.phrase else "go on? y/n: ")
    sys.stderr.flush()
    return sys.stdin.readline().strip() == wanted


def _has_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def _write(text: str) -> None:
    sys.stdout.write(text)


def _warn(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(text)
    sys.stderr.flush()
