"""Leaving: what was somebody's goes to a successor, and only when every service has said so have they left."""
