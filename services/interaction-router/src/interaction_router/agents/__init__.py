"""Who works here: skills, capacity, presence."""
