"""Tests of core.operations."""
