"""Imports: many customers or purchases from a file, row by row, in the background."""
