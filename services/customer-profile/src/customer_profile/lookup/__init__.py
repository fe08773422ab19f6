"""The look-up: who has this identifier? One statement, for the first second of every contact."""
