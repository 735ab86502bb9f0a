"""Lines made from inventory values."""
