"""Who is asked: a seeded draw for each closing, every decision kept and replayable."""
