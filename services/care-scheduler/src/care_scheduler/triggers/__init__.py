"""Triggers: care that an event asks for at once, and not a date."""
