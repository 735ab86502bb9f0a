"""What leaves the store about installs: frozen rows with plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class InstallStage(Enum):
    """How far an install is, as the node told; values are what lists show."""

    OFFERED = "offered"
    """A ticket was issued; the node has not asked for its kickstart yet."""
    BEGUN = "begun"
    """The kickstart was handed out."""
    ASKING = "asking"
    """The node reported its disks and waits for its operator."""
    INSTALLING = "installing"
    """It was told how to partition."""
    DONE = "done"
    FAILED = "failed"
    REPLACED = "replaced"
    """A newer ticket was issued, or this one was withdrawn."""

    @property
    def is_over(self) -> bool:
        """The ticket opens nothing any more."""
        return self in (InstallStage.DONE, InstallStage.FAILED, InstallStage.REPLACED)


class ReportKind(Enum):
    """What a node's report is about."""

    DISKS = "disks"
    """Its disks as they were before anything was changed."""
    PARTITIONS = "partitions"
    """Its disks after the install."""


@dataclass(frozen=True, slots=True)
class InstallRecord:
    """A row of `installs` with its node's name.

    Attributes:
        node: `nodes.id`.
        mac: The only address the ticket is good for.
        heard: When the node was last heard of.
        text: The `user_partition_info` it was told; empty before.
        asked: Mark of the disks that `text` or the question is about; empty before the first report.
        detail: Why it failed, or what the operator should know.
    """

    id: int
    node: int
    name: str
    mac: str
    who: str
    stage: InstallStage
    created: datetime
    expires: datetime
    heard: datetime | None
    ended: datetime | None
    text: str
    asked: str
    detail: str


@dataclass(frozen=True, slots=True)
class InstallEvent:
    """A line of an install's history."""

    id: int
    install: int
    at: datetime
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class InstallReport:
    """What a node reported. `body` is JSON of `core.install.reports`."""

    id: int
    install: int
    at: datetime
    kind: ReportKind
    body: str
