"""Web chat: visitors, their chats, and what a chat's line is told."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE visitors (
    id uuid PRIMARY KEY,
    -- The token is 256 random bits, so a plain hash is enough to keep it from whoever reads this table.
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL
);
CREATE INDEX ix_visitors_last_seen_at ON visitors (last_seen_at);

CREATE TABLE chats (
    interaction_id uuid PRIMARY KEY REFERENCES interactions,
    visitor_id uuid NOT NULL REFERENCES visitors,
    language text NOT NULL,
    page_url text,
    opened_at timestamptz NOT NULL,
    -- Presence is a lease that the visitor's line renews; null once her absence was noticed.
    lease_expires_at timestamptz,
    ended_at timestamptz,
    ended_by text CHECK (ended_by IN ('visitor', 'agent', 'absence')),
    -- What the visitor was told last, so that only changes are told.
    told text NOT NULL DEFAULT '',
    -- Taken under the row's lock, so that the order of numbers is the order of commits.
    feed_seq bigint NOT NULL DEFAULT 0,
    CONSTRAINT ck_chats_ended_by_somebody CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX uq_chats_one_open ON chats (visitor_id) WHERE ended_at IS NULL;
CREATE INDEX ix_chats_visitor ON chats (visitor_id, opened_at DESC);
CREATE INDEX ix_chats_lease_expires_at ON chats (lease_expires_at) WHERE ended_at IS NULL;

CREATE TABLE chat_events (
    interaction_id uuid NOT NULL REFERENCES chats,
    seq bigint NOT NULL,
    type text NOT NULL,
    data text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (interaction_id, seq)
);
CREATE INDEX ix_chat_events_created_at ON chat_events (created_at);

-- Token buckets of visitors and addresses. A crash may forget them: a flood then starts with a full bucket again.
CREATE UNLOGGED TABLE visitor_rates (
    key text PRIMARY KEY,
    tokens double precision NOT NULL,
    refilled_at timestamptz NOT NULL
);
CREATE INDEX ix_visitor_rates_refilled_at ON visitor_rates (refilled_at);
"""


def upgrade() -> None:
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
