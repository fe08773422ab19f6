"""Customers: who they are, and what staff should know at once."""
