"""Access tokens: their keys, how they are issued and for whom."""
