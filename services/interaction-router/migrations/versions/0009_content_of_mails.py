"""What a mail said, as a hash: two mails under one Message-ID are two."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    # Null: it came before this was known, and is taken for the same.
    op.execute("ALTER TABLE messages ADD COLUMN content_hash bytea")
