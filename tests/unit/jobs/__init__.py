"""Jobs: journal, worker, locks, moves on a simulated pair of containers."""
