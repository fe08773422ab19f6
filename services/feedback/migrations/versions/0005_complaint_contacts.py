"""Complaints that came from a contact whom nobody has asked the profile about yet."""

from alembic import op

revision = "0005"
down_revision = "0004"

_TABLES = (
    """
    CREATE TABLE complaint_contacts (
        complaint_id uuid CONSTRAINT pk_complaint_contacts PRIMARY KEY
            CONSTRAINT fk_complaint_contacts_complaint_id REFERENCES complaints ON DELETE CASCADE,
        attempts integer NOT NULL DEFAULT 0,
        next_try_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_complaint_contacts_next_try_at ON complaint_contacts (next_try_at)",
)


def upgrade() -> None:
    """Create one table."""
    for statement in _TABLES:
        op.execute(statement)
