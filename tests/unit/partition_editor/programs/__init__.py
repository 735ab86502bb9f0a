"""Partition programs in their sandbox."""
