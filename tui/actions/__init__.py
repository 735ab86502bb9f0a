"""What keys do: one table, the keymap over it, and which of its actions apply now. Pure, but for the performers."""
