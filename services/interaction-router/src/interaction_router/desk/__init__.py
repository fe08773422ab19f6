"""What an agent sees: a snapshot, and everything that changes after it."""
