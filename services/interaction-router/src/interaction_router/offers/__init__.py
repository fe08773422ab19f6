"""A piece of work offered to one agent, with a deadline."""
