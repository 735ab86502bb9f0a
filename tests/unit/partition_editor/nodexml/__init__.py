"""Rocks' node files."""
