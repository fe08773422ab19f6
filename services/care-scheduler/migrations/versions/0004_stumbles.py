"""How often an item could not be decided about: what never can be is given up and seen."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE care_items ADD COLUMN stumbles smallint NOT NULL DEFAULT 0")
