"""Alembic's entry point."""

from careline.migrations import run_migrations

run_migrations()
