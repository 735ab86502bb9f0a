"""What installing nodes decide."""
