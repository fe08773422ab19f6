"""Messaging tables."""

from alembic import op

from careline.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Outbox, inbox, parked events, leases and idempotency keys."""
    create_messaging_tables(op)
