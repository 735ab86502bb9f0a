"""The partition editor's screen."""
