"""Customers who say no by one click."""
