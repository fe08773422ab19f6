"""Signing in, and the cookie that remembers it."""
