"""What runs on containers and the lines to them."""
