"""Rocks' grammar: parse, dispatch, print."""
