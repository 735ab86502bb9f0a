"""Answers that are values: what a check says of an operator's wish."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refused:
    """It cannot be done, and why: one sentence an operator can act on.

    Attributes:
        reason: What is wrong and, where there is one, what to do instead.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """It can be done. `note` says what the operator should still know; usually empty."""

    note: str = ""


Verdict = Allowed | Refused
