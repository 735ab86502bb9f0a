"""What an operator does to a text: each deed a function from a picture to the next text, or why it cannot be."""
