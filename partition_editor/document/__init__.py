"""The text: lossless lines and tokens, the requests read from them, edits, undo."""
