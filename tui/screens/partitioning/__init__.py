"""The partition editor's screen and dialogs, over a `partition_editor.session.Session`."""
