"""The headless partition editor: document, model, planner, rules. No screen, no device is ever touched."""
