"""Every rule a text is checked by, each under its id."""
