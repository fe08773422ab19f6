"""Who gets a copy of an answer by mail."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE messages ADD COLUMN cc text[] NOT NULL DEFAULT '{}'")
    # As it is typed: half an address is no mistake yet.
    op.execute("ALTER TABLE drafts ADD COLUMN cc text NOT NULL DEFAULT ''")
