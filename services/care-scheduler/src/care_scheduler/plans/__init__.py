"""Plans: who is due for what, and when, days before it is time."""
