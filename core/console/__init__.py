"""Serial consoles without a screen: terminal emulation, sessions that re-attach, history, recording, boot watch."""
