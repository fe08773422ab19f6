"""Identifiers: what a customer can be found by, in one spelling each."""
