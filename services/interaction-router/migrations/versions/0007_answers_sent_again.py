"""Who sends an agent's answer holds a claim, and an answer that failed can be sent again."""

from alembic import op

revision = "0007"
down_revision = "0006"

CHANGES = [
    # The fencing token of whoever sends it: counted up with each claim.
    "ALTER TABLE messages ADD COLUMN delivery_claim integer NOT NULL DEFAULT 0",
    # Since when it is to be sent, where that is not since it was written: somebody has asked for it again.
    "ALTER TABLE messages ADD COLUMN delivery_asked_at timestamptz",
]


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
