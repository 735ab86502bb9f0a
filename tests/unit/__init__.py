"""Tests without a screen, a network or a real hypervisor."""
