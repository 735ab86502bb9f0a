"""How a command stops: the operator's mistake on its way out of a transaction."""

from __future__ import annotations

from enum import IntEnum
from typing import NoReturn

from core.outcome import Refused


class Status(IntEnum):
    """Exit statuses of `quarry`, one per class of failure."""

    DONE = 0
    REFUSED = 1
    """The operator asked for something that cannot be: an unknown host, a value out of range, read-only mode."""
    NOT_UNDERSTOOD = 2
    """No such command or parameter, or an unbalanced quote."""
    STORE = 3
    """The store could not be opened, read or written."""
    CONTAINER = 4
    """A container could not be reached, or refused."""
    PARTLY = 5
    """Some targets are done, others failed or were left out; stderr says which."""
    INTERRUPTED = 130
    """Ctrl-C."""


class Refusal(Exception):
    """Carries a `Refused` from the depth of a command to the dispatcher.

    An exception only because a refusal must roll back the transaction it is found in: nothing is half written.

    Attributes:
        refused: What the operator is told after ``error - ``.
        status: The exit status.
    """

    def __init__(self, reason: str, status: Status = Status.REFUSED) -> None:
        self.refused = Refused(reason)
        self.status = status
        super().__init__(reason)


def refuse(reason: str, status: Status = Status.REFUSED) -> NoReturn:
    """Stop the command with this sentence.

    Raises:
        Refusal: Always.
    """
    raise Refusal(reason, status)
