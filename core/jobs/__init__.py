"""Journal, worker, locks and progress of long operations."""
