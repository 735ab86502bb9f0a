"""RHEL 5 (Rocks 5): its own algorithm on a cylinder grid.

Source: anaconda 11.1.2 with libparted's cylinder alignment. Entry: `plan_rhel5`.
"""

from __future__ import annotations

from partition_editor.planner.rhel5.planning import plan_rhel5

__all__ = ["plan_rhel5"]
