"""Prepared answers and the outcomes that close an interaction."""
