"""Fleet preview, schemes and their commands."""
