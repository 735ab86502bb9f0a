"""Edits: pure functions from a document to the next one.

An edit touches as little text as it can: the line's own style (``--size=`` or ``--size ``), its comment, its quotes
and every other line stay. Edits of options answer `Refused` rather than write a line that the release would refuse.
Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.document.directive import Directive, Given
from partition_editor.document.lines import Document, Line, split_lines
from partition_editor.document.parsing import read_directive
from partition_editor.document.reading import read_directives
from partition_editor.document.tokens import Token, quote
from partition_editor.findings import Severity, TextEdit
from partition_editor.options import Option, OptionKind

Value = str | int | bool | None
"""What an option is set to: a value, True for a flag, None or False to remove it."""


def apply(document: Document, edits: Iterable[TextEdit]) -> Document:
    """Carry out text edits, all of them against the document as it is before the first.

    Raises:
        PartitionError: Two of them overlap, or one lies outside the document.
    """
    by_line: dict[int, list[TextEdit]] = {}
    for edit in edits:
        by_line.setdefault(edit.span.line, []).append(edit)
    result = document
    for number in sorted(by_line, reverse=True):
        if not 1 <= number <= len(document) + 1:
            raise PartitionError(f"no line {number} to edit")
        old = result.line(number) or Line("", "")
        new = _edited(old, by_line[number])
        stop = min(number + 1, len(document) + 1)
        result = _closed(result, number).with_lines(number, stop, new)
    return result


def _closed(document: Document, appended: int) -> Document:
    """Give the last line an end when something is to follow it."""
    if appended <= len(document) or document.ends_with_newline:
        return document
    last = document.lines[-1]
    return document.with_lines(len(document), len(document) + 1, [Line(last.raw, document.ending)])


def _edited(line: Line, edits: list[TextEdit]) -> Sequence[Line]:
    if any(edit.whole_line for edit in edits):
        if len(edits) > 1:
            raise PartitionError("two edits of one line overlap")
        text = edits[0].text
        if text is None:
            return ()
        pieces = split_lines(text)
        return (*pieces[:-1], Line(pieces[-1].raw, line.ending)) if pieces else (Line("", line.ending),)
    text, edge = str(line), len(line.raw)
    for edit in sorted(edits, key=lambda one: (one.span.column, one.span.length), reverse=True):
        begin, end = edit.span.column, edit.span.column + edit.span.length
        if not 0 <= begin <= end <= edge:
            raise PartitionError("two edits of one line overlap, or one lies outside it")
        text = text[:begin] + (edit.text or "") + text[end:]
        edge = begin
    return split_lines(text)


def insert_lines(document: Document, before: int, texts: Sequence[str]) -> Document:
    """Put lines in front of line `before`; ``len(document) + 1`` appends. A missing last line end is added."""
    before = max(1, min(before, len(document) + 1))
    document = _closed(document, before)
    return document.with_lines(before, before, [Line(one, document.ending) for one in texts])


def remove_lines(document: Document, numbers: Iterable[int]) -> Document:
    """Take lines out."""
    gone = set(numbers)
    return Document(tuple(line for number, line in document if number not in gone))


def set_options(document: Document, number: int, values: Mapping[str, Value], release: str) -> Document | Refused:
    """Set, change or remove options of one line.

    Args:
        document: What to edit.
        number: The line.
        values: Option → its new value; True writes a flag, None or False takes the option out.
        release: Whose grammar the line must satisfy afterwards.
    """
    found = _directive_at(document, number, release)
    if isinstance(found, Refused):
        return found
    line, directive = found
    raw = line.raw
    for option, value in values.items():
        current = read_directive(raw, release) or directive
        known = current.table.options.get(option) if current.table else None
        written = current.find(option)
        if known is None and written is None:
            return Refused(f"{release} has no {option} for {directive.command}.")
        misfit = _misfit(known or (written.option if written else None), value)
        if misfit:
            return misfit
        if value is None or value is False:
            raw = _without_option(raw, current, option)
        elif written is not None:
            raw = _with_value(raw, current, written, option, value)
        else:
            raw = _with_option(raw, current, option, value)
    return _checked(document, number, line, raw, release)


def _misfit(option: Option | None, value: Value) -> Refused | None:
    """A flag is set to True, everything else to a value."""
    if option is None or value is None or value is False:
        return None
    if option.kind is OptionKind.FLAG and value is not True:
        return Refused(f"{option.name} takes no value.")
    if option.takes_value and value is True:
        return Refused(f"{option.name} needs a value.")
    return None


def set_argument(document: Document, number: int, index: int, text: str, release: str) -> Document | Refused:
    """Rewrite one argument of a line: its mount point (0), a member (1 …), a volume group's name (0)."""
    found = _directive_at(document, number, release)
    if isinstance(found, Refused):
        return found
    line, directive = found
    if not 0 <= index < len(directive.arguments):
        return Refused(f"line {number} has no argument {index + 1}.")
    token = directive.arguments[index]
    raw = line.raw[: token.column] + quote(text) + line.raw[token.end :]
    return _checked(document, number, line, raw, release)


def set_members(document: Document, number: int, members: Sequence[str], release: str) -> Document | Refused:
    """Give a ``raid``, ``volgroup`` or ``btrfs`` line these members, where the old ones stood."""
    found = _directive_at(document, number, release)
    if isinstance(found, Refused):
        return found
    line, directive = found
    if not directive.arguments:
        return Refused(f"line {number} has no name to put members behind.")
    old = directive.arguments[1:]
    text = " ".join(quote(one) for one in members)
    raw = line.raw
    place = old[0].column if old else _end_of_words(raw, directive)
    for token in reversed(old):
        raw = _cut(raw, token.column, token.end)
    if text:
        place = min(place, len(raw))
        before = "" if place and raw[:place].endswith((" ", "\t")) else " "
        after = "" if not raw[place:] or raw[place:].startswith((" ", "\t")) else " "
        raw = raw[:place] + before + text + after + raw[place:]
    return _checked(document, number, line, raw, release)


def rename_group(document: Document, old: str, new: str, release: str) -> Document | Refused:
    """Rename a volume group in its ``volgroup`` line and in every ``--vgname``."""
    result = document
    for number, directive in read_directives(document, release):
        changed: Document | Refused = result
        if directive.command == "volgroup" and directive.arguments and directive.arguments[0].text == old:
            changed = set_argument(result, number, 0, new, release)
        elif directive.text("--vgname") == old:
            changed = set_options(result, number, {"--vgname": new}, release)
        if isinstance(changed, Refused):
            return changed
        result = changed
    return Refused(f"there is no volume group {old}.") if result is document else result


def add_directive(document: Document, before: int, text: str, release: str) -> Document | Refused:
    """Insert one new line, if the release takes it."""
    directive = read_directive(text, release)
    if directive is None:
        return Refused("there is nothing to insert.")
    refusal = _first_error(directive, before)
    return refusal or insert_lines(document, before, [text])


def _directive_at(document: Document, number: int, release: str) -> tuple[Line, Directive] | Refused:
    line = document.line(number)
    if line is None:
        return Refused(f"there is no line {number}.")
    directive = read_directive(line.raw, release)
    if directive is None or not directive.command:
        return Refused(f"line {number} is no partitioning command.")
    return line, directive


def _first_error(directive: Directive, number: int) -> Refused | None:
    for one in directive.problems:
        if one.severity is Severity.ERROR:
            return Refused(f"line {number}: {one.message}")
    return None


def _checked(document: Document, number: int, line: Line, raw: str, release: str) -> Document | Refused:
    if raw == line.raw:
        return document
    directive = read_directive(raw, release)
    if directive is None:
        return Refused(f"line {number} would be empty.")
    refusal = _first_error(directive, number)
    return refusal or document.with_lines(number, number + 1, [Line(raw, line.ending)])


def _end_of_words(raw: str, directive: Directive) -> int:
    ends = [directive.word.end]
    ends += [given.column + given.length for given in directive.given]
    ends += [token.end for token in directive.arguments]
    return max(ends)


def _without_option(raw: str, directive: Directive, option: str) -> str:
    """Every occurrence taken out, each with the blanks in front of it."""
    for given in reversed([one for one in directive.given if option in one.option.spellings]):
        raw = _cut(raw, given.column, given.column + given.length)
    return raw


def _cut(raw: str, begin: int, end: int) -> str:
    before, after = raw[:begin], raw[end:]
    if not after.strip():
        return before.rstrip(" \t") + after.lstrip(" \t")
    return before.rstrip(" \t") + " " + after.lstrip(" \t") if before.strip() else after.lstrip(" \t")


def _value_text(value: Value) -> str:
    return quote(str(value))


def _with_value(raw: str, directive: Directive, written: Given, option: str, value: Value) -> str:
    """The last occurrence, the one that counts, gets the value; its spelling and style stay."""
    if value is True:
        return raw
    new = _value_text(value)
    if written.value is None:
        end = written.column + written.length
        return raw[:end] + "=" + new + raw[end:]
    if not _plain_place(written):
        begin, end = written.column, written.column + written.length
        return raw[:begin] + written.written + "=" + new + raw[end:]
    begin = written.value_column
    if not written.joined and new.startswith("-"):
        return raw[: written.column] + f"{written.written}={new}" + raw[begin + written.value_length :]
    return raw[:begin] + new + raw[begin + written.value_length :]


def _plain_place(written: Given) -> bool:
    """The value's place in the line is known exactly: there is no quote in a word like ``--size=8000``."""
    return not written.joined or written.value_column > written.column


def _with_option(raw: str, directive: Directive, option: str, value: Value) -> str:
    """A new option behind the last word (in front of a comment), in the style of the line's other options."""
    text = option
    if value is not True:
        joined = next((one.joined for one in directive.given if one.value is not None), True)
        text += ("=" if joined or str(value)[:1] in ("-", "") else " ") + _value_text(value)
    place = _end_of_words(raw, directive)
    if directive.command in ("raid", "volgroup", "btrfs") and directive.arguments[1:]:
        place = _before_members(directive.arguments, place)
    before, after = raw[:place], raw[place:]
    return before + " " + text + (" " + after if after and after[0] not in " \t" else after)


def _before_members(arguments: Sequence[Token], place: int) -> int:
    """Options go in front of members that stand at the end of the line, as people write them."""
    first = arguments[1]
    return arguments[0].end if arguments[-1].end == place and first.column > arguments[0].end else place
