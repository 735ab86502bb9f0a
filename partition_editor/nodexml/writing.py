"""Node files written so that any XML parser reads back just the program that went in. Pure; any thread."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from partition_editor.nodexml.reading import Section, pre_places
from partition_editor.programs.program import Program
from partition_editor.programs.variables import ENTITY, LITERAL, VAR, XML_ENTITIES

MARK = "QUARRY_DIRECTIVES"
TEXT_FILE = "/tmp/user_partition_info"
ABOUT = "Partition scheme of "
OLD_ABOUT = re.compile(rf"(?<=<description>\n){ABOUT}.*$", re.MULTILINE)
HEREDOC = re.compile(
    rf"\A\s*cat > {re.escape(TEXT_FILE)} << '{MARK}'\n(?P<text>.*?)^{MARK}\s*\Z", re.DOTALL | re.MULTILINE
)


def directives_program(text: str) -> Program:
    """A shell program that writes directives, for a node file; `directives_of` takes them out again."""
    ended = text if text.endswith("\n") or not text else text + "\n"
    return Program(f"cat > {TEXT_FILE} << '{MARK}'\n{_literal(ended)}{MARK}\n")


def directives_of(program: Program) -> str | None:
    """The directives in a program of `directives_program`, None for any other."""
    match = HEREDOC.match(program.text)
    return match["text"].replace(LITERAL, "") if match else None


def node_file_text(sections: Sequence[Section], about: str, before: str = "") -> str:
    """A node file with these sections.

    Args:
        about: For the description, which must begin with `ABOUT`.
        before: The file as it was: everything but its ``<pre>`` sections, and what was said about them, is kept.
    """
    before = OLD_ABOUT.sub(lambda _: escape(about), before, count=1)
    written = "\n".join(_section(one) for one in sections)
    places = [one for one in pre_places(before) if one.end is not None]
    if places and "</kickstart>" in before:
        after, at = "", 0
        for number, one in enumerate(places):
            after += before[at : one.start] + (written if number == 0 else "")
            at = one.end or len(before)
        return after + before[at:].removeprefix("\n")
    if before and "</kickstart>" in before:
        head, _, tail = before.rpartition("</kickstart>")
        return f"{head}{written}\n</kickstart>{tail}"
    return (
        '<?xml version="1.0" standalone="no"?>\n<kickstart>\n'
        f"<description>\n{escape(about)}\n</description>\n\n{written}\n</kickstart>\n"
    )


def _section(section: Section) -> str:
    words = ""
    if section.program.interpreter:
        words += f" arg={quoteattr('--interpreter ' + section.program.interpreter)}"
    for key, value in (("arch", section.arch), ("os", section.os), ("cond", section.cond)):
        if value:
            words += f" {key}={quoteattr(value)}"
    return f"<pre{words}>\n{_escaped(section.program.text)}</pre>\n"


def _escaped(text: str) -> str:
    """Everything escaped but what Rocks fills in."""
    parts, at = [], 0
    for match in VAR.finditer(text):
        parts += [_plain(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join((*parts, _plain(text[at:])))


def _plain(text: str) -> str:
    parts, at = [], 0
    for match in ENTITY.finditer(text):
        if match["name"] in XML_ENTITIES:
            continue
        parts += [_cdata_safe(text[at : match.start()]), match[0]]
        at = match.end()
    return "".join((*parts, _cdata_safe(text[at:])))


def _cdata_safe(text: str) -> str:
    return escape(text.replace(LITERAL, ""))


def _literal(text: str) -> str:
    return ENTITY.sub(lambda match: f"&{LITERAL}{match[0][1:]}", re.sub(r"<(?=var\b)", "<" + LITERAL, text))
