"""Jobs and moves between real containers."""
