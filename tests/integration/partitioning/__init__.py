"""Planned layouts applied with the real tools to files and loop devices, and read back."""
