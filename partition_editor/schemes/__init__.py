"""Schemes: what decides a node's ``user_partition_info``, attached to nodes, racks, appliances, or everything."""

from __future__ import annotations

from partition_editor.schemes.resolving import Applied, Resolver
from partition_editor.schemes.scheme import Kind, Scheme

__all__ = ["Applied", "Kind", "Resolver", "Scheme"]
