"""Fleets that are not there: a lively one on libvirt's test driver, a synthetic one of any size for tests."""
