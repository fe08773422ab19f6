"""One matter of one person, from its first message to its disposition."""
