"""Node files read as they are meant: text of every ``<pre>``, in order, with attributes and lines. Pure; any thread.

Rocks' own parser takes well-formed XML only. This one also takes what people write: a bare ``&`` or ``<`` in a
script, a fragment without ``<kickstart>``, and says where Rocks would have stopped. Nothing is fetched, no entity
expanded beyond XML's five; ``<var …/>`` and ``&name;`` stay for `partition_editor.programs.variables` to fill in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.outcome import Refused
from partition_editor.programs.program import Program
from partition_editor.programs.variables import ATTRIBUTE, ENTITY, LITERAL

PRE = re.compile(r"<pre(?P<inside>(?:\s[^<>]*)?)(?P<closed>/?)>")
END = "</pre>"
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
PIECES = re.compile(
    r"(?P<cdata><!\[CDATA\[.*?\]\]>)|(?P<comment><!--.*?-->)|(?P<tag></?[A-Za-z][A-Za-z0-9_]*(?:\s[^<>]*)?/?>)"
    r"|(?P<entity>&#?[A-Za-z0-9_.-]+;)|(?P<bare>[&<])",
    re.DOTALL,
)
TAGS = frozenset({"var", "eval", "include", "file"})
NEEDLESS = re.compile(f"(<{LITERAL}(?!var\\b))|(&{LITERAL}(?![A-Za-z_][A-Za-z0-9_.-]*;))")
FIVE = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
DECLARED = re.compile(r"<!ENTITY", re.IGNORECASE)
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Section:
    """One ``<pre>``.

    Attributes:
        arch: Comma-separated architectures it is for; empty for all. So with `os` and `cond`.
    """

    program: Program
    arch: str = ""
    os: str = ""
    cond: str = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something Rocks would stumble over, or that is not done here. `line` counts from 1."""

    line: int
    text: str

    @property
    def sentence(self) -> str:
        """For a list."""
        return f"line {self.line}: {self.text}"


@dataclass(frozen=True, slots=True)
class NodeFile:
    """What a node file says about partitioning."""

    sections: tuple[Section, ...]
    troubles: tuple[Trouble, ...] = ()


def read_node_file(text: str) -> NodeFile | Refused:
    """The ``<pre>`` sections of a node file, in order."""
    if len(text) > MOST_BYTES:
        return Refused("this is larger than any node file: more than 1 MiB.")
    if "\0" in text:
        return Refused("this is no text: it has zero bytes in it.")
    if DECLARED.search(text):
        return Refused("a node file that declares entities is not read.")
    sections: list[Section] = []
    troubles: list[Trouble] = []
    for one in pre_places(text):
        if one.end is None:
            return Refused(f"line {text.count(chr(10), 0, one.start) + 1}: this <pre> has no </pre>.")
        if one.body is not None:
            line = text.count("\n", 0, one.body) + 1
            body = text[one.body : one.end - len(END)]
            sections.append(_section(one.inside, body, line, troubles))
    troubles += _outside(text)
    if not sections and "<" not in text:
        return Refused("this is no node file: there is no <pre> in it.")
    return NodeFile(tuple(sections), tuple(sorted(troubles, key=lambda one: one.line)))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ``<pre>`` is in a text.

    Attributes:
        inside: Its attributes.
        body: Where its contents begin; None when it is closed at once.
        end: Behind its ``</pre>``; None when there is none.
    """

    start: int
    inside: str
    body: int | None
    end: int | None


def pre_places(text: str) -> Iterator[Place]:
    """Every ``<pre>`` outside comments; the last one may have no end."""
    hidden = [match.span() for match in COMMENT.finditer(text)]
    at = 0
    while match := PRE.search(text, at):
        comment = next((span for span in hidden if span[0] <= match.start() < span[1]), None)
        if comment is not None:
            at = comment[1]
            continue
        if match["closed"]:
            yield Place(match.start(), match["inside"], None, match.end())
            at = match.end()
            continue
        end = end_of(text, match.end())
        yield Place(match.start(), match["inside"], match.end(), None if end is None else end + len(END))
        if end is None:
            return
        at = end + len(END)


def end_of(text: str, start: int) -> int | None:
    """Where the ``</pre>`` of a section that begins at `start` is, CDATA skipped; None without one."""
    at = start
    while True:
        end = text.find(END, at)
        cdata = text.find("<![CDATA[", at)
        if end < 0 or cdata < 0 or end < cdata:
            return end if end >= 0 else None
        close = text.find("]]>", cdata)
        if close < 0:
            return None
        at = close


def _section(inside: str, body: str, line: int, troubles: list[Trouble]) -> Section:
    words = {one["key"]: _plain(one["double"] if one["double"] is not None else one["single"])
             for one in ATTRIBUTE.finditer(inside)}  # fmt: skip
    interpreter = ""
    match = re.search(r"--interpreter[=\s]+(\S+)", words.get("arg", ""))
    if match:
        interpreter = match[1].strip("\"'")
    source = NEEDLESS.sub(lambda match: match[0][0], "".join(_pieces(body, line, troubles)))
    first = line
    # The line break behind <pre> is no line of the script; a shebang must come first.
    while source[:1] == "\n":
        source, first = source[1:], first + 1
    if not interpreter and source.startswith("#!"):
        interpreter = source[2:].split("\n", 1)[0].split(" ")[0].strip()
    program = Program(source.rstrip() + "\n" if source.strip() else "", interpreter, first)
    return Section(program, words.get("arch", ""), words.get("os", ""), words.get("cond", ""))


def _plain(text: str) -> str:
    return re.sub(r"&(amp|lt|gt|quot|apos);", lambda match: FIVE[match[1]], text)


def _pieces(body: str, line: int, troubles: list[Trouble]) -> Iterator[str]:
    at = 0
    for match in PIECES.finditer(body):
        yield body[at : match.start()]
        at = match.end()
        place = line + body.count("\n", 0, match.start())
        kind = match.lastgroup
        piece = match[0]
        if kind == "cdata":
            yield _literal(piece[9:-3])
        elif kind == "comment":
            yield "\n" * piece.count("\n")
        elif kind == "tag":
            yield _tag(piece, place, troubles)
        elif kind == "entity":
            yield _entity(piece, place, troubles)
        else:
            troubles.append(Trouble(place, _bare(piece)))
            yield piece
    yield body[at:]


def _literal(text: str) -> str:
    """Text in which nothing is filled in."""
    text = re.sub(r"<(?=var\b)", "<" + LITERAL, text)
    return ENTITY.sub(lambda match: f"&{LITERAL}{match[0][1:]}", text)


def _tag(piece: str, line: int, troubles: list[Trouble]) -> str:
    name = piece.strip("</>").split()[0]
    if name not in TAGS:
        troubles.append(Trouble(line, f'"{piece[:40]}" is taken as text; in XML write &lt; or use CDATA.'))
        return _literal(piece)
    if name == "var":
        return piece
    troubles.append(Trouble(line, f"<{name}> is the frontend's work when it makes a kickstart; it is left out here."))
    return ""


def _entity(piece: str, line: int, troubles: list[Trouble]) -> str:
    name = piece[1:-1]
    if name in FIVE:
        return FIVE[name] + (LITERAL if name in ("lt", "amp") else "")
    if name.startswith("#"):
        number = int(name[2:], 16) if name[1:2] in "xX" and re.fullmatch(r"#[xX][0-9A-Fa-f]{1,6}", name) else None
        if number is None and re.fullmatch(r"#[0-9]{1,7}", name):
            number = int(name[1:])
        if number is None or not 9 <= number <= 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            troubles.append(Trouble(line, f"{piece} is no character."))
            return ""
        return chr(number)
    return piece


def _bare(piece: str) -> str:
    if piece == "&":
        return 'a bare "&": Rocks would stop here; write &amp; or put the script into CDATA.'
    return 'a bare "<": Rocks would stop here; write &lt; or put the script into CDATA.'


def _outside(text: str) -> Iterator[Trouble]:
    if "<pre" in text and not re.search(r"<kickstart\b", text):
        yield Trouble(1, "there is no <kickstart> around it: a fragment, as on a slide.")
