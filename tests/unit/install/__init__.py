"""Tests of `core.install`."""
