"""Messaging tables and the effects, numbered as they happen."""

from alembic import op

from careline.business_time import create_business_time_table
from careline.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    create_messaging_tables(op)
    create_business_time_table(op)
    op.execute(
        """
        CREATE TABLE effects (
            position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            event_id uuid NOT NULL,
            type text NOT NULL,
            aggregate text NOT NULL,
            sequence bigint NOT NULL,
            happened_at timestamptz NOT NULL,
            counted_at timestamptz NOT NULL DEFAULT clock_timestamp()
        )
        """
    )
