"""Quarry on real Xen dom0s."""
