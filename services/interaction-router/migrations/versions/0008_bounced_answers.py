"""An agent's answer that left and came back."""

from alembic import op

revision = "0008"
down_revision = "0007"

CHANGES = [
    "ALTER TABLE messages DROP CONSTRAINT messages_delivery_check",
    # All rows fit the narrower rule that was there before, so none need be looked at under the lock.
    """
ALTER TABLE messages ADD CONSTRAINT ck_messages_delivery
    CHECK (delivery IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'bounced')) NOT VALID
""",
]


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
