"""The tables that every service has for messaging. The first migration of a service calls this."""

from typing import Any

_TABLES_V1 = """
CREATE TABLE outbox (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    aggregatetype varchar(255) NOT NULL,
    aggregateid varchar(255) NOT NULL,
    type varchar(255) NOT NULL,
    sequence bigint NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT uq_outbox_aggregate_sequence UNIQUE (aggregatetype, aggregateid, sequence)
);
CREATE TABLE outbox_archive (
    position bigint NOT NULL,
    id uuid NOT NULL,
    aggregatetype varchar(255) NOT NULL,
    aggregateid varchar(255) NOT NULL,
    type varchar(255) NOT NULL,
    sequence bigint NOT NULL,
    payload jsonb NOT NULL,
    occurred_at timestamptz NOT NULL,
    relayed_at timestamptz NOT NULL
) PARTITION BY RANGE (relayed_at);
CREATE TABLE outbox_archive_rest PARTITION OF outbox_archive DEFAULT;
CREATE TABLE inbox (
    event_id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_inbox_received_at ON inbox (received_at);
CREATE TABLE parked_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id uuid,
    direction text NOT NULL CONSTRAINT ck_parked_events_direction CHECK (direction IN ('in', 'out')),
    topic text NOT NULL,
    payload text NOT NULL,
    reason text NOT NULL,
    parked_at timestamptz NOT NULL
);
CREATE TABLE leases (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    token bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint,
    body text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (caller, key)
);
CREATE INDEX ix_idempotency_keys_created_at ON idempotency_keys (created_at);
"""


def create_messaging_tables(op: Any) -> None:
    """Create outbox, archive, inbox, parked events, leases and idempotency keys through Alembic's `op`."""
    for statement in _TABLES_V1.split(";\n"):
        if statement.strip():
            op.execute(statement)
