"""Quarry's tests."""
