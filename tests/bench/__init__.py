"""Measurements: they print numbers and assert no time."""
