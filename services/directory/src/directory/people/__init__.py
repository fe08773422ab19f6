"""People who work here, their passwords and their roles."""
