"""Careline's care scheduler."""
