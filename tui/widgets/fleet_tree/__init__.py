"""The fleet as a tree of rows: containers or clusters, and their slices.

`model` turns snapshots into rows (folding, sorting, filtering, grouping), `marks` keeps the marked set, `painter`
paints rows and remembers them, `view` has what the screen calls, `widget` is what it composes.
"""

from tui.widgets.fleet_tree.groups import Grouping, GroupKey, GroupKind, RowKey
from tui.widgets.fleet_tree.widget import FleetTree

__all__ = ["FleetTree", "GroupKey", "GroupKind", "Grouping", "RowKey"]
