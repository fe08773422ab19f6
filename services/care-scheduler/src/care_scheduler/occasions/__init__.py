"""Occasions: what we care about, when on the day, for how long, and how a birthday is kept in odd years."""
