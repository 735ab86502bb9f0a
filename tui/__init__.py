"""The screen: the only room that imports Textual, and the composition root."""

from __future__ import annotations

import os

os.environ.setdefault("TEXTUAL_FPS", "250")
"""Textual paints at most this often and reads the number when it is first imported. At its own 60 a key could wait
16 ms for its frame, which is all the time a frame may take here; nothing is painted when nothing changed."""
