"""How a step of the planner says that the installer would stop here.

Only inside the planner: `partition_editor.planner.plan` turns it into a `PlanRefusal` value.
"""

from __future__ import annotations

from partition_editor.layout import PlanRefusal


class Stop(Exception):
    """The installer would stop; `refusal` says where and on what."""

    def __init__(
        self,
        error: str,
        line: int | None = None,
        *,
        stage: str = "partitioning",
        short_mib: int | None = None,
        disk: str | None = None,
    ) -> None:
        self.refusal = PlanRefusal(stage, error, line, short_mib, disk)
        super().__init__(error)
