"""A RHEL 5 partition request with its defaults. Sizes in MiB as written, in sectors while growing."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class OldWanted:
    """One partition to be made.

    Attributes:
        name: In the answers: mount point, ``swap``, ``raid.01``, ``pv.1``.
        number: Members of arrays and groups count from 100000, others from 0; the higher goes first among equals.
        drives: Where it may go; the one it went to once it has been placed.
        sectors: Its size now.
    """

    name: str
    number: int
    line: int
    mount: str
    fstype: str
    size_mib: int
    sectors: int
    drives: tuple[str, ...]
    grow: bool = False
    limit_mib: int | None = None
    primary: bool = False
    boot: bool = False
    start_cylinder: int | None = None
    end_cylinder: int | None = None
    drive: str | None = None
    reasons: list[str] = field(default_factory=list)
