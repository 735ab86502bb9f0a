"""What is known of every container and slice: one collector per container, one locked state, immutable snapshots."""
