"""From inventory values to lines of text with roles: pure functions, no widgets, no threads.

`lines` is the vocabulary (a line is spans of text, each with a role); the other modules fill lines from the
snapshot; only `strips` knows the toolkit that paints them.
"""
