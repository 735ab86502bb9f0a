"""Installs on real virtual machines."""
