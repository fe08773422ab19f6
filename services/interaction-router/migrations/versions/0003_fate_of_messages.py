"""What an answer was made from, and how often the mail server's answer to it was lost."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN template_id uuid")
    # An early form of the first migration had this column already.
    op.execute("ALTER TABLE messages ADD COLUMN IF NOT EXISTS delivery_lost smallint NOT NULL DEFAULT 0")
