"""Where work waits, and what it asks of an agent."""
