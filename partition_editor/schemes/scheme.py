"""One scheme: directives, a program, a node file, or a word. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from core.outcome import Refused
from core.store.partition_records import SchemeRecord, SchemeScope
from partition_editor.nodexml import Section, read_node_file
from partition_editor.nodexml.writing import directives_of
from partition_editor.programs import Program
from partition_editor.programs.program import SHELLS


class Kind(Enum):
    """What a scheme is made of."""

    DIRECTIVES = "directives"
    PROGRAM = "program"
    NODE_FILE = "nodefile"
    """A Rocks node file: all its ``<pre>`` sections in order."""
    MANUAL = "manual"
    FORCE_DEFAULT = "force-default"
    ROOT_ONLY = "force-default-root-disk-only"
    DEFAULT = "default"
    """No file at all: Rocks' default scheme."""
    ASK = "ask"
    """The installing node waits for the operator."""


WORDS = tuple(one.value for one in Kind if one not in (Kind.DIRECTIVES, Kind.PROGRAM, Kind.NODE_FILE))
"""Schemes that are one word."""

EVERYTHING = "everything"
SCOPE_WORDS = {SchemeScope.HOST: "", SchemeScope.HOSTS: "hosts ", SchemeScope.RACK: "rack ",
               SchemeScope.APPLIANCE: "appliance ", SchemeScope.ALL: EVERYTHING}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scheme:
    """A version of a scheme, read."""

    record: SchemeRecord
    kind: Kind
    sections: tuple[Section, ...] = ()

    @property
    def is_program(self) -> bool:
        """Something must be run to know its directives."""
        return bool(self.sections)

    @property
    def scope(self) -> str:
        """``compute-0-0``, ``rack 0``, ``appliance compute``, ``everything``."""
        return scope_text(self.record.scope, self.record.target)

    @property
    def fixed_text(self) -> str | None:
        """``user_partition_info`` where nothing needs to be run; None for no file."""
        if self.kind is Kind.DIRECTIVES:
            return self.record.text
        if self.kind in (Kind.MANUAL, Kind.ASK):
            return "rocks manual\n"
        if self.kind in (Kind.FORCE_DEFAULT, Kind.ROOT_ONLY):
            return f"rocks {self.kind.value}\n"
        return None


def scope_text(scope: SchemeScope, target: str) -> str:
    """A scope in words."""
    return EVERYTHING if scope is SchemeScope.ALL else SCOPE_WORDS[scope] + target


def read_scheme(record: SchemeRecord) -> Scheme | Refused:
    """A stored version as a scheme; refused when its text cannot be used."""
    kind = next((one for one in Kind if one.value == record.kind), None)
    if kind is None:
        return Refused(f'there is no kind of scheme "{record.kind}".')
    if kind is Kind.PROGRAM:
        return Scheme(record, kind, (Section(Program(record.text, record.interpreter)),))
    if kind is Kind.NODE_FILE:
        file = read_node_file(record.text)
        if isinstance(file, Refused):
            return file
        if not file.sections:
            return Refused("the node file has no <pre>: it decides nothing.")
        return Scheme(record, kind, file.sections)
    return Scheme(record, kind)


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds, for a new version."""

    kind: Kind
    text: str
    interpreter: str = ""


def content_of(text: str, name: str = "", interpreter: str = "") -> Content | Refused:
    """What sort of scheme a file is: a node file, a program, or directives.

    Args:
        name: The file's, for its ending.
        interpreter: As the operator gave it; it makes any text a program.
    """
    if interpreter:
        return Content(Kind.PROGRAM, text, interpreter)
    if text.startswith("#!"):
        return Content(Kind.PROGRAM, text, text[2:].split("\n", 1)[0].strip())
    if text.lstrip().startswith("<") or name.endswith(".xml"):
        file = read_node_file(text)
        if isinstance(file, Refused):
            return file
        if not file.sections:
            return Refused("the node file has no <pre>.")
        directives = _written_here(file.sections)
        return Content(Kind.NODE_FILE, text) if directives is None else Content(Kind.DIRECTIVES, directives)
    if name.endswith(".py"):
        return Content(Kind.PROGRAM, text, "/opt/rocks/bin/python")
    if name.endswith(tuple(f".{shell}" for shell in SHELLS)):
        return Content(Kind.PROGRAM, text)
    if not text.strip():
        return Refused("the file is empty; a scheme without directives would partition nothing.")
    return Content(Kind.DIRECTIVES, text)


def _written_here(sections: tuple[Section, ...]) -> str | None:
    """The directives of a node file that says no more than what Quarry itself wrote into it: they can be edited."""
    if len(sections) != 1 or sections[0] != Section(sections[0].program):
        return None
    return directives_of(sections[0].program)
