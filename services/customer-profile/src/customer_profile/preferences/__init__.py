"""Preferences: how and when a customer wants to be reached."""
