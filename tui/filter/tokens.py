"""A filter line cut into tokens with their positions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a token is."""

    WORD = "word"
    PATTERN = "pattern"
    OPEN = "("
    CLOSE = ")"
    NOT = "not"
    AND = "and"
    OR = "or"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        text: Its text without quotes, ``!`` and ``~``.
        start: Where it begins in the line, from 0.
        quoted: It was written in quotes, so it is never a keyword, a field or a saved filter.
    """

    kind: Kind
    text: str
    start: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class FilterError:
    """Why a filter cannot be used.

    Attributes:
        message: One sentence.
        position: The character it is about, from 0.
    """

    message: str
    position: int


_KEYWORDS = {"and": Kind.AND, "or": Kind.OR, "not": Kind.NOT}


def tokenize(text: str) -> list[Token] | FilterError:
    """Cut a line into tokens; the last one is Kind.END."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        character = text[at]
        if character.isspace():
            at += 1
        elif character in "()":
            tokens.append(Token(Kind.OPEN if character == "(" else Kind.CLOSE, character, at))
            at += 1
        elif character == "!":
            tokens.append(Token(Kind.NOT, "!", at))
            at += 1
        elif character == "~":
            end = _pattern_end(text, at + 1)
            tokens.append(Token(Kind.PATTERN, text[at + 1 : end].strip('"'), at))
            at = end
        else:
            word = _word(text, at)
            if isinstance(word, FilterError):
                return word
            token, at = word
            tokens.append(token)
    tokens.append(Token(Kind.END, "", len(text)))
    return tokens


def _word(text: str, start: int) -> tuple[Token, int] | FilterError:
    kept: list[str] = []
    quoted = text[start] == '"'
    at = start
    while at < len(text) and not text[at].isspace() and text[at] not in "()":
        if text[at] == '"':
            end = text.find('"', at + 1)
            if end < 0:
                return FilterError('the quote " is never closed', at)
            kept.append(text[at + 1 : end])
            at = end + 1
        else:
            kept.append(text[at])
            at += 1
    word = "".join(kept)
    kind = Kind.WORD if quoted else _KEYWORDS.get(word.lower(), Kind.WORD)
    return Token(kind, word, start, quoted), at


def _pattern_end(text: str, start: int) -> int:
    """A pattern ends at a space, or at a parenthesis it did not open itself; quotes keep spaces in."""
    if text[start : start + 1] == '"':
        end = text.find('"', start + 1)
        return len(text) if end < 0 else end + 1
    depth = 0
    at = start
    while at < len(text) and not text[at].isspace():
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            if depth == 0:
                break
            depth -= 1
        at += 1
    return min(at, len(text))
