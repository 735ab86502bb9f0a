"""Values in a kickstart, each quoted for its place; what cannot be is refused. Pure.

A line break is refused everywhere: behind one, ``%end`` would end a script's section whatever its quotes say.
"""

from __future__ import annotations

import re
import shlex

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_PACKAGE = re.compile(r"-?@?\^?[A-Za-z0-9][A-Za-z0-9_.+:-]*")
_PEM = re.compile(r"[A-Za-z0-9+/=\- ]*")


class Unquotable(ValueError):
    """A value that cannot stand where a template puts it."""


class Quoted(str):
    """A text that is ready for its place. Templates may print nothing else."""

    __slots__ = ()


def sh(value: object) -> Quoted:
    """One word of a shell script."""
    return Quoted(shlex.quote(_line(value)))


def ks(value: object) -> Quoted:
    """One option's value in a kickstart command, which splits words as a shell does but expands nothing."""
    return Quoted(shlex.quote(_line(value)))


def comment(value: object) -> Quoted:
    """The rest of a comment's line."""
    return Quoted(_line(value))


def package(value: object) -> Quoted:
    """One line of ``%packages``: a package, ``@group``, ``@^environment``, or one of them with a leading minus."""
    text = _line(value)
    if _PACKAGE.fullmatch(text) is None:
        raise Unquotable(f'"{text[:60]}" is no package')
    return Quoted(text)


def shlines(value: object) -> Quoted:
    """The lines of a PEM certificate as words of a shell script."""
    lines = [line.strip() for line in str(value).splitlines() if line.strip()]
    if any(_PEM.fullmatch(line) is None for line in lines):
        raise Unquotable("the certificate is not PEM")
    return Quoted(" ".join(shlex.quote(line) for line in lines))


def finalize(value: object) -> object:
    """What a template may print: quoted texts and whole numbers."""
    if isinstance(value, Quoted) or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Unquotable(f"a template prints {type(value).__name__} without a filter that quotes it (ks, sh, package)")


def _line(value: object) -> str:
    if not isinstance(value, str):
        # An undefined name tells here what it is.
        raise Unquotable(f"{str(value)[:60]} is no text")
    if _CONTROL.search(value) is not None:
        raise Unquotable(f"{value[:60]!r} has a line break or control character in it")
    return value
