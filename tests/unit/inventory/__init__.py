"""Tests of core.inventory."""
