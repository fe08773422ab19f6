"""Mails that opened nothing are shown to supervisors, who may let them in all the same."""

from alembic import op

revision = "0010"
down_revision = "0009"

CHANGES = [
    # An older process writes none of these: what it ignores is listed, but cannot be looked at or let in.
    """
ALTER TABLE ignored_mails
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD COLUMN size bigint NOT NULL DEFAULT 0,
    ADD COLUMN object_key text,
    ADD COLUMN released_at timestamptz,
    ADD COLUMN released_by text,
    ADD CONSTRAINT uq_ignored_mails_id UNIQUE (id),
    ADD CONSTRAINT ck_ignored_mails_released_by_somebody CHECK ((released_at IS NULL) = (released_by IS NULL))
""",
    "CREATE INDEX ix_ignored_mails_received_at ON ignored_mails (received_at DESC, id DESC)",
]


def upgrade() -> None:
    for statement in CHANGES:
        op.execute(statement)
