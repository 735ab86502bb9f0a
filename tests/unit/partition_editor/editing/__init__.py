"""What an operator does to a text, without a screen."""
