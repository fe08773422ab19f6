"""Households: people who live together."""
