"""What every node of a host list would get, and what it would lose, before anything is reinstalled.

`read_nodes` takes the facts out of a store's transaction; `preview` may run programs and blocks: worker threads.
"""

from __future__ import annotations

from partition_editor.fleet.node import FleetNode
from partition_editor.fleet.preview import FleetPreview, Group, NodePreview, preview
from partition_editor.fleet.reading import read_nodes

__all__ = ["FleetNode", "FleetPreview", "Group", "NodePreview", "preview", "read_nodes"]
