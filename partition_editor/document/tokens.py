"""A line cut into words, with where each word stands. Nothing is lost: the raw line stays the truth.

The rules are the installers' own: words are split at blanks and tabs, ``'…'`` and ``"…"`` quote, a backslash escapes
(inside double quotes only ``"`` and itself), ``#`` outside quotes begins a comment even inside a word. Pure; any
thread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

BLANKS = " \t\r\n"
PLAIN = re.compile(r"[^ \t\r\n'\"\\#]+")
DOUBLE_QUOTED = re.compile(r'[^"\\]+')


@dataclass(frozen=True, slots=True)
class Token:
    """One word.

    Attributes:
        text: The word after quotes and escapes are resolved.
        column: 0-based column of its first character in the raw line, a quote included.
        length: How many raw characters it takes.
    """

    text: str
    column: int
    length: int

    @property
    def end(self) -> int:
        """Column behind the word."""
        return self.column + self.length

    @property
    def is_plain(self) -> bool:
        """No quote or escape in it: columns inside the word are columns of the line."""
        return len(self.text) == self.length


@dataclass(frozen=True, slots=True)
class TokenLine:
    """A line's words.

    Attributes:
        tokens: In order.
        comment_column: Where ``#`` begins a comment, or None.
        open_quote: Column of a quote or backslash that nothing closes, or None.
    """

    tokens: tuple[Token, ...]
    comment_column: int | None = None
    open_quote: int | None = None


@lru_cache(maxsize=16384)
def tokenise(raw: str) -> TokenLine:
    """Cut one line, given without its line end, into words."""
    tokens: list[Token] = []
    position, end = 0, len(raw)
    while position < end:
        if raw[position] in BLANKS:
            position += 1
        elif raw[position] == "#":
            return TokenLine(tuple(tokens), comment_column=position)
        else:
            start = position
            word, position, open_quote = _word(raw, start)
            tokens.append(Token(word, start, position - start))
            if open_quote is not None:
                return TokenLine(tuple(tokens), open_quote=open_quote)
    return TokenLine(tuple(tokens))


def _word(raw: str, position: int) -> tuple[str, int, int | None]:
    parts: list[str] = []
    end = len(raw)
    while position < end and raw[position] not in BLANKS and raw[position] != "#":
        plain = PLAIN.match(raw, position)
        if plain:
            parts.append(plain.group())
            position = plain.end()
            continue
        opened = position
        mark = raw[position]
        if mark == "\\":
            if position + 1 >= end:
                return "".join(parts), end, opened
            parts.append(raw[position + 1])
            position += 2
        elif mark == "'":
            closing = raw.find("'", position + 1)
            if closing < 0:
                return "".join(parts) + raw[position + 1 :], end, opened
            parts.append(raw[position + 1 : closing])
            position = closing + 1
        else:
            text, position = _double_quoted(raw, position + 1)
            parts.append(text)
            if position < 0:
                return "".join(parts), end, opened
    return "".join(parts), position, None


def _double_quoted(raw: str, position: int) -> tuple[str, int]:
    """The text up to the closing ``"`` and the position behind it; -1 when it is missing."""
    parts: list[str] = []
    while position < len(raw):
        plain = DOUBLE_QUOTED.match(raw, position)
        if plain:
            parts.append(plain.group())
            position = plain.end()
        elif raw[position] == '"':
            return "".join(parts), position + 1
        elif raw[position + 1 : position + 2] in ('"', "\\"):
            parts.append(raw[position + 1])
            position += 2
        else:
            parts.append("\\")
            position += 1
    return "".join(parts), -1


def quote(word: str) -> str:
    """A word as it must be written so that it reads back the same; untouched when it needs no quotes."""
    if word and not re.search(r"[ \t\r\n'\"\\#]", word):
        return word
    if "'" not in word:
        return f"'{word}'"
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'
