"""Alembic's entry: all services migrate the same way."""

from careline.migrations import run_migrations

run_migrations()
