"""The use cases as verbs: plan, check, run. Everything a key or a command does to a VM passes through here."""
