"""Who is there: asks the profile, and goes on without it."""
