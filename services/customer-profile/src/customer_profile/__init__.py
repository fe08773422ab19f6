"""Careline's customer profile: the one customer view."""
