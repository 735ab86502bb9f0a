"""Rocks' node files: ``replace-partition.xml`` and its kin, read and written. Site folders: `nodexml.site`."""

from __future__ import annotations

from partition_editor.nodexml.reading import NodeFile, Section, read_node_file
from partition_editor.nodexml.writing import node_file_text

__all__ = ["NodeFile", "Section", "node_file_text", "read_node_file"]
