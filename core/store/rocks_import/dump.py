"""Reading a mysqldump text as data: CREATE TABLE for the columns, INSERT for the rows, everything else skipped.

Nothing of the text is ever executed. Understood are extended and complete inserts, ``/*! … */`` comments, several
databases in one dump (``USE``), DELIMITER blocks, MySQL's string escapes, hexadecimal and bit literals.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from core.errors import StoreError

Row = dict[str, str | None]
Tables = dict[str, list[Row]]

_SPACE = re.compile(r"(?:\s+|--(?=\s|$)[^\n]*|#[^\n]*|/\*.*?\*/)+", re.DOTALL)
_DELIMITER = re.compile(r"DELIMITER\s+(?!;\s)\S+.*?DELIMITER\s*;\s*?(?:\n|$)", re.DOTALL | re.IGNORECASE)
_TOKEN = re.compile(
    r"""
      (?P<string>(?:_[a-zA-Z0-9]+\s*)?'(?:[^'\\]|\\.|'')*')
    | (?P<quoted>"(?:[^"\\]|\\.|"")*")
    | (?P<ticked>`(?:[^`]|``)*`)
    | (?P<bits>[bB]'[01]*'|0b[01]+)
    | (?P<hex>[xX]'[0-9a-fA-F]*'|0x[0-9a-fA-F]+)
    | (?P<number>[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)
    | (?P<word>[A-Za-z_$@][\w$@]*)
    | (?P<mark>[^'"`])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)|''", re.DOTALL)
_ESCAPES = {"0": "\0", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a"}
_NOT_COLUMNS = {
    "PRIMARY",
    "KEY",
    "UNIQUE",
    "INDEX",
    "CONSTRAINT",
    "FOREIGN",
    "FULLTEXT",
    "SPATIAL",
    "CHECK",
    "PERIOD",
}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "word" and self.text.upper() in words

    def is_mark(self, mark: str) -> bool:
        return self.kind == "mark" and self.text == mark


@dataclass(slots=True)
class _Database:
    columns: dict[str, list[str]] = field(default_factory=dict)
    tables: Tables = field(default_factory=dict)


def read_dump(text: str, label: str) -> dict[str, Tables]:
    """Read a dump: database name (empty when the dump names none) → table → rows, all names in lower case.

    Raises:
        StoreError: The text is not a dump or ends in the middle of a statement.
    """
    return _Reader(text, label).read()


class _Reader:
    """One pass over the text."""

    def __init__(self, text: str, label: str) -> None:
        self._text = text
        self._label = label
        self._databases: dict[str, _Database] = {"": _Database()}
        self._current = self._databases[""]
        self._tokens = self._scan()

    def read(self) -> dict[str, Tables]:
        for token in self._tokens:
            if token.is_word("CREATE"):
                self._create()
            elif token.is_word("INSERT", "REPLACE"):
                self._insert()
            elif token.is_word("USE"):
                self._use()
            elif not token.is_mark(";"):
                self._skip()
        return {name: database.tables for name, database in self._databases.items() if database.tables}

    def _scan(self) -> Iterator[_Token]:
        position, end = 0, len(self._text)
        fresh = True
        while position < end:
            space = _SPACE.match(self._text, position)
            if space:
                position = space.end()
                continue
            block = _DELIMITER.match(self._text, position) if fresh else None
            if block:
                position = block.end()
                continue
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise self._wrong(position, "a quotation mark is never closed")
            kind = match.lastgroup or ""
            yield _Token(kind, match.group(), position)
            fresh = kind == "mark" and match.group() == ";"
            position = match.end()

    def _next(self) -> _Token:
        token = next(self._tokens, None)
        if token is None:
            raise StoreError(
                f"cannot read the dump {self._label}",
                "it ends in the middle of a statement",
                "dump the database again",
            )
        return token

    def _skip(self) -> None:
        for token in self._tokens:
            if token.is_mark(";"):
                return

    def _use(self) -> None:
        name = _name(self._next())
        self._current = self._databases.setdefault(name, _Database())
        self._skip()

    def _create(self) -> None:
        token = self._next()
        if not token.is_word("TABLE"):
            if not token.is_mark(";"):
                self._skip()
            return
        token = self._next()
        while token.is_word("IF", "NOT", "EXISTS"):
            token = self._next()
        name, token = self._table_name(token)
        columns: list[str] = []
        if token.is_mark("("):
            columns = self._column_definitions()
            self._skip()
        self._current.columns[name] = columns
        self._current.tables.setdefault(name, [])

    def _column_definitions(self) -> list[str]:
        columns: list[str] = []
        depth, first = 1, True
        while depth:
            token = self._next()
            if first and token.kind in ("ticked", "quoted", "word"):
                if token.kind != "word" or token.text.upper() not in _NOT_COLUMNS:
                    columns.append(_name(token))
                first = False
            elif token.is_mark("("):
                depth += 1
            elif token.is_mark(")"):
                depth -= 1
            elif token.is_mark(",") and depth == 1:
                first = True
        return columns

    def _table_name(self, token: _Token) -> tuple[str, _Token]:
        name = _name(token)
        token = self._next()
        if token.is_mark("."):
            name = _name(self._next())
            token = self._next()
        return name, token

    def _insert(self) -> None:
        token = self._next()
        while token.is_word("INTO", "IGNORE", "LOW_PRIORITY", "DELAYED", "HIGH_PRIORITY"):
            token = self._next()
        name, token = self._table_name(token)
        columns = self._current.columns.get(name, [])
        if token.is_mark("("):
            columns = self._names()
            token = self._next()
        if not token.is_word("VALUES", "VALUE"):
            raise self._wrong(token.start, f"cannot read this INSERT into {name}")
        if not columns:
            raise self._wrong(token.start, f"the columns of {name} are not known: its CREATE TABLE is missing")
        rows = self._current.tables.setdefault(name, [])
        while True:
            token = self._next()
            if token.is_mark(";"):
                return
            if token.is_mark(","):
                continue
            if not token.is_mark("("):
                self._skip()  # ON DUPLICATE KEY UPDATE and its like
                return
            values = self._values()
            if len(values) != len(columns):
                raise self._wrong(token.start, f"{len(values)} values for the {len(columns)} columns of {name}")
            rows.append(dict(zip(columns, values, strict=True)))

    def _names(self) -> list[str]:
        names: list[str] = []
        while not (token := self._next()).is_mark(")"):
            if not token.is_mark(","):
                names.append(_name(token))
        return names

    def _values(self) -> list[str | None]:
        values: list[str | None] = []
        while True:
            values.append(self._value())
            token = self._next()
            if token.is_mark(")"):
                return values
            if not token.is_mark(","):
                raise self._wrong(token.start, f"expected a comma, not {token.text!r}")

    def _value(self) -> str | None:
        token = self._next()
        if token.kind == "word" and token.text.startswith("_"):
            token = self._next()  # a character set introducer: _binary 0x…
        if token.kind in ("string", "quoted"):
            return _string(token)
        if token.kind == "number":
            return token.text
        if token.kind == "hex":
            digits = token.text[2:].strip("'")
            return bytes.fromhex(digits.zfill(len(digits) + len(digits) % 2)).decode("utf-8", "replace")
        if token.kind == "bits":
            return str(int(token.text.strip("bB0'") or "0", 2))
        if token.is_word("NULL"):
            return None
        if token.is_word("TRUE", "FALSE"):
            return "1" if token.is_word("TRUE") else "0"
        raise self._wrong(token.start, f"{token.text!r} is not a value")

    def _wrong(self, position: int, why: str) -> StoreError:
        line = self._text.count("\n", 0, position) + 1
        return StoreError(
            f"cannot read the dump {self._label}", f"line {line}: {why}", "make it with plain mysqldump"
        )


def _name(token: _Token) -> str:
    text = token.text
    if token.kind == "ticked":
        text = text[1:-1].replace("``", "`")
    elif token.kind == "quoted":
        text = text[1:-1].replace('""', '"')
    return text.lower()


def _string(token: _Token) -> str:
    quote = token.text[-1]
    body = token.text[token.text.index(quote) + 1 : -1]
    if quote == '"':
        body = body.replace('""', '"')
    return _ESCAPE.sub(lambda found: "'" if found.group(1) is None else _ESCAPES.get(found[1], found[1]), body)
