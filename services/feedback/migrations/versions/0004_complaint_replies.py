"""Mails that customers send in reply to an answer, until it is clear whether they say that it is solved."""

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = (
    """
    CREATE TABLE complaint_replies (
        message_id uuid CONSTRAINT pk_complaint_replies PRIMARY KEY,
        complaint_id uuid NOT NULL CONSTRAINT fk_complaint_replies_complaint_id REFERENCES complaints,
        -- The answer that it replies to: a later one is not meant.
        reopened_count integer NOT NULL,
        received_at timestamptz NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        next_try_at timestamptz,
        outcome text CONSTRAINT ck_complaint_replies_outcome
            CHECK (outcome IN ('closed', 'reopened', 'over', 'left_to_owner', 'unreadable')),
        CONSTRAINT ck_complaint_replies_waits CHECK ((outcome IS NULL) = (next_try_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_complaint_replies_next_try_at ON complaint_replies (next_try_at) WHERE outcome IS NULL",
)


def upgrade() -> None:
    """Create one table."""
    for statement in _TABLES:
        op.execute(statement)
