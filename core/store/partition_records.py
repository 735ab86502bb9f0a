"""What leaves the store about partitioning: schemes, disk policies, a node's partition history. Cheap to import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from core.store.records import Partition


class SchemeScope(Enum):
    """What a scheme is attached to, the most specific first."""

    HOST = "host"
    HOSTS = "hosts"
    RACK = "rack"
    APPLIANCE = "appliance"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SchemeRecord:
    """One version of one scope's scheme.

    Attributes:
        target: A node's name, a host-list expression, a rack's number, an appliance's name; empty for everything.
        version: Counts from 1 in its scope; the highest is in force.
        kind: ``directives``, ``program``, ``nodefile``, a word; ``none`` where the scheme was removed.
        interpreter: Of a program; empty for the installer's shell.
    """

    id: int
    scope: SchemeScope
    target: str
    version: int
    kind: str
    text: str
    interpreter: str
    who: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class DiskPolicyRecord:
    """What an operator wants done with one disk of a node: ``preserve``, ``reformat`` or ``once``."""

    node: int
    disk: str
    policy: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PartitionReport:
    """A node's partitions as they were saved until `at`, and what took their place."""

    node: int
    at: datetime
    reason: str
    partitions: tuple[Partition, ...]
