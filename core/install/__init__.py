"""Kickstart service and install follow-up."""
