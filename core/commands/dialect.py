"""Which Rocks a store speaks like.

Rocks changed some headers, one message and what a new VM's rows hold between 5.0 and 5.4.3. A store is taken for a
later one when it has the MAC base attribute later releases were installed with, or when the global attribute
``rocks_release`` says so (``5.0`` or anything later); everything else is 5.0's.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from core.store.addresses import MAC_BASE_ATTRIBUTE
from core.store.records import Scope

if TYPE_CHECKING:
    from core.store.repository import Repository

RELEASE = "rocks_release"


class Dialect(Enum):
    """The two forms that are kept apart."""

    FIRST = "5.0"
    LATER = "5.4.3"

    @property
    def is_later(self) -> bool:
        """From 5.1 on."""
        return self is Dialect.LATER


def dialect_of(repository: Repository) -> Dialect:
    """The dialect of this store."""
    release = repository.attributes.find(Scope.GLOBAL, None, RELEASE)
    if release:
        return Dialect.FIRST if release.startswith("5.0") else Dialect.LATER
    return Dialect.LATER if repository.attributes.find(Scope.GLOBAL, None, MAC_BASE_ATTRIBUTE) else Dialect.FIRST
