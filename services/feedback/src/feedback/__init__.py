"""Careline's feedback service."""
