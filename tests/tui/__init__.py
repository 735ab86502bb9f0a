"""Tests of the screen, driven through Pilot."""
