"""What went wrong with a program, in a sentence with its line; Python 2 spellings are explained. Pure; any thread."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from partition_editor.programs.program import Program

FRAME = re.compile(r'^  File "program", line (\d+)', re.MULTILINE)
SHELL = re.compile(r"^/proc/self/fd/\d+: (?:line )?(\d+): (.*)$", re.MULTILINE)
EXCEPTION = re.compile(
    r"^(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Iteration)\w*)(?:: (?P<text>.*))?$",
    re.MULTILINE,
)
DISK_INDEX = re.compile(r"(?:[Dd]isks?|getDisks\(\))\s*\[\s*(\d+)\s*\]")

SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"^\s*print\s*>>", "Python 2's `print >>file, text`: write `file.write(text + '\\n')`"),
        (r"^\s*print\b(?!\s*\()", "Python 2's print statement: write `print(…)`"),
        (r"^\s*except\s+[\w.()\s,]+,\s*\w+\s*:", "Python 2's `except Error, name`: write `except Error as name`"),
        (r"^\s*raise\s+\w+\s*,", "Python 2's `raise Error, text`: write `raise Error(text)`"),
        (r"^\s*exec\s+['\"\w]", "Python 2's exec statement: write `exec(…)`"),
        (r"<>", "Python 2's `<>`: write `!=`"),
        (r"`[^`]*`", "Python 2's backquotes: write `repr(…)`"),
        (r"(?<![\w.])0[0-7]+\b", "Python 2's octal number: write `0o…`"),
        (r"\b\d+[lL]\b", "Python 2's long number: leave out the `L`"),
        (r"\bur['\"]", "Python 2's `ur''`: write `r''`"),
    )
)

AT_RUN_TIME: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), sentence)
    for pattern, sentence in (
        (r"module 'string' has no attribute '(\w+)'", "Python 2's `string.{0}(x, …)`: write `x.{0}(…)`"),
        (r"has no attribute 'has_key'", "Python 2's `d.has_key(k)`: write `k in d`"),
        (r"has no attribute 'iter(\w+)'", "Python 2's `iter{0}()`: write `{0}()`"),
        (r"name 'xrange' is not defined", "Python 2's `xrange`: write `range`"),
        (r"name 'raw_input' is not defined", "Python 2's `raw_input`; a node that installs has nobody to ask"),
        (r"name '(unicode|long|unichr)' is not defined", "Python 2's `{0}`: Python 3 has just `str` and `int`"),
        (r"for >>: 'builtin_function_or_method'", "Python 2's `print >>file, text`: `file.write(text + '\\n')`"),
        (r"name 'file' is not defined", "Python 2's `file(…)`: write `open(…)`"),
        (r"name 'reduce' is not defined", "Python 2's `reduce`: import it from functools"),
        (r"No module named '(commands|popen2|urllib2|ConfigParser|StringIO|Queue)'", "Python 2's `{0}`"),
        (r"'(?:map|filter|zip|dict_keys|dict_values|dict_items)' object is not subscriptable",
         "a list in Python 2, no list in Python 3: write `list(…)` around it"),
        (r"unsupported operand type\(s\) for \+: '(?:range|dict_keys|map|filter)'",
         "a list in Python 2, no list in Python 3: write `list(…)` around it"),
        (r"'str' does not support the buffer interface|a bytes-like object is required",
         "text and bytes are two things in Python 3: open the file without `b`"),
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mishap:
    """Why a program is of no use for a node.

    Attributes:
        line: Line of the program's file, None when there is none to blame.
        needs_disks: It reads a disk that is not there: how many it needs.
    """

    text: str
    line: int | None = None
    needs_disks: int | None = None


def mishap_of(program: Program, source: str, answer: Mapping[str, object] | None, seconds: int) -> Mishap | None:
    """What went wrong, None when nothing did.

    Args:
        source: The program's text with variables filled in.
        answer: The driver's; None when the sandbox ended before this program did.
        seconds: The limit that was in force.
    """
    if answer is None:
        return Mishap("it took the sandbox down and was ended")
    output = str(answer.get("output") or "")
    ended, status = answer.get("ended"), answer.get("status")
    if ended == "timeout":
        return Mishap(f"it did not end within {seconds} s and was ended")
    if ended == "flood":
        return Mishap("it printed without end and was ended")
    trouble = str(answer.get("trouble") or "")
    if trouble:
        return Mishap(trouble)
    if status == 0 and (program.is_python or not SHELL.search(output)):
        return None
    if isinstance(status, int) and status < 0:
        return Mishap(_killed(-status, seconds))
    if program.is_python:
        return _python(program, source, output, status)
    return _shell(program, output, answer.get("text"))


def _killed(number: int, seconds: int) -> str:
    if number in (signal.SIGXCPU, signal.SIGKILL):
        return f"it used up {seconds} s of processor time, or all the memory it may have, and was ended"
    if number == signal.SIGXFSZ:
        return "it wrote more than it may and was ended"
    return f"it was ended by {signal.Signals(number).name if number in set(signal.Signals) else number}"


def _python(program: Program, source: str, output: str, status: object) -> Mishap:
    frames = FRAME.findall(output)
    found = list(EXCEPTION.finditer(output))
    if not found:
        last = output.strip().splitlines()
        return Mishap(f"it ended with status {status}" + (f": {last[-1][:200]}" if last else ""))
    kind, text = found[-1]["kind"], (found[-1]["text"] or "").strip()
    line = int(frames[-1]) if frames else None
    lines = source.split("\n")
    code = lines[line - 1] if line and line <= len(lines) else ""
    place = None if line is None else program.first_line + line - 1
    sentence = f"{kind}: {text}" if text else kind
    if kind in ("SyntaxError", "IndentationError", "TabError"):
        return Mishap(_spelling(kind, sentence, lines, line), place)
    if kind == "IndexError":
        index = DISK_INDEX.search(code)
        return Mishap(sentence, place, int(index[1]) + 1 if index else None)
    if kind == "MemoryError":
        return Mishap("it used more memory than it may", place)
    for pattern, explained in AT_RUN_TIME:
        match = pattern.search(sentence)
        if match:
            return Mishap(f"{explained.format(*match.groups())} ({sentence})", place)
    return Mishap(sentence, place)


def _spelling(kind: str, sentence: str, lines: list[str], line: int | None) -> str:
    if kind == "TabError":
        return f"tabs and blanks are mixed in the indentation: Python 2 took a tab for 8 blanks ({sentence})"
    if kind == "IndentationError":
        return f"the indentation is not even: lines were moved or lost it ({sentence})"
    # Python 3 sometimes names the line after the one that is spelled in Python 2's way.
    for number in (line, line - 1) if line else ():
        code = lines[number - 1] if 0 < number <= len(lines) else ""
        for pattern, explained in SPELLINGS:
            if pattern.search(code):
                return f"{explained} ({sentence})"
    return sentence


def _shell(program: Program, output: str, text: object) -> Mishap | None:
    """A shell script's status is that of its last test: only what the shell itself complains of is a mishap."""
    found = SHELL.findall(output)
    if found:
        number, sentence = found[-1]
        return Mishap(sentence, program.first_line + int(number) - 1)
    last = output.strip().splitlines()
    return None if text is not None or not last else Mishap(last[-1][:200])
