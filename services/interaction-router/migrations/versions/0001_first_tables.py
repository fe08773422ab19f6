"""The tables of the router, with constraints that make its faults impossible."""

from alembic import op

from careline.messaging_tables import create_messaging_tables

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE queues (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    name text NOT NULL,
    required_skills jsonb NOT NULL DEFAULT '[]',
    priority integer NOT NULL DEFAULT 0,
    offer_timeout_seconds integer NOT NULL CHECK (offer_timeout_seconds BETWEEN 1 AND 3600),
    answer_target_seconds integer CHECK (answer_target_seconds > 0),
    channels text[] NOT NULL DEFAULT '{}'
);

CREATE TABLE agents (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    presence text NOT NULL DEFAULT 'offline'
        CHECK (presence IN ('available', 'busy', 'break', 'away', 'offline')),
    presence_since timestamptz NOT NULL,
    presence_reason text,
    not_responding boolean NOT NULL DEFAULT false,
    -- Presence is a lease that the desk's line renews; whoever lets it lapse is gone.
    lease_expires_at timestamptz,
    idle_since timestamptz NOT NULL,
    enter_sends boolean NOT NULL DEFAULT true,
    inbox_order text NOT NULL DEFAULT 'urgency' CHECK (inbox_order IN ('urgency', 'newest', 'oldest')),
    -- Taken under the row's lock, so that the order of numbers is the order of commits.
    feed_seq bigint NOT NULL DEFAULT 0,
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT ck_agents_offline_has_no_lease CHECK ((presence = 'offline') = (lease_expires_at IS NULL))
);
CREATE INDEX ix_agents_lease_expires_at ON agents (lease_expires_at) WHERE lease_expires_at IS NOT NULL;

CREATE TABLE agent_skills (
    agent_id uuid NOT NULL REFERENCES agents,
    skill text NOT NULL,
    level smallint NOT NULL CHECK (level BETWEEN 1 AND 5),
    PRIMARY KEY (agent_id, skill)
);

CREATE TABLE agent_capacity (
    agent_id uuid NOT NULL REFERENCES agents,
    channel text NOT NULL CHECK (channel IN ('mail', 'chat')),
    -- What was asked for, and what holds: a limit is lowered at once only as far as the work in hand allows.
    wanted_limit smallint NOT NULL CHECK (wanted_limit BETWEEN 0 AND 50),
    capacity_limit smallint NOT NULL,
    used smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (agent_id, channel),
    CONSTRAINT ck_agent_capacity_never_exceeded CHECK (used BETWEEN 0 AND capacity_limit)
);

CREATE TABLE dispositions (
    code text PRIMARY KEY,
    label_zh text NOT NULL,
    label_en text NOT NULL,
    active boolean NOT NULL DEFAULT true
);

CREATE TABLE interactions (
    id uuid PRIMARY KEY,
    channel text NOT NULL CHECK (channel IN ('mail', 'chat', 'partner', 'in_person')),
    contact text NOT NULL,
    queue_id uuid NOT NULL REFERENCES queues,
    state text NOT NULL DEFAULT 'queued',
    version bigint NOT NULL,
    subject text NOT NULL,
    snippet text NOT NULL DEFAULT '',
    language text,
    -- Kept over requeues: age is never lost.
    waiting_since timestamptz NOT NULL,
    waiting_reason text,
    target_at timestamptz,
    customer_id uuid,
    customer_name text NOT NULL DEFAULT '',
    tier text,
    identity text NOT NULL DEFAULT 'unknown' CHECK (identity IN ('verified', 'claimed', 'unknown')),
    history text NOT NULL DEFAULT 'late' CHECK (history IN ('ready', 'late')),
    history_tries smallint NOT NULL DEFAULT 0,
    visitor_id uuid,
    agent_id uuid REFERENCES agents,
    last_agent_id uuid REFERENCES agents,
    previous_interaction_id uuid REFERENCES interactions,
    unread integer NOT NULL DEFAULT 0 CHECK (unread >= 0),
    message_count integer NOT NULL DEFAULT 0,
    opened_at timestamptz NOT NULL,
    assigned_at timestamptz,
    wrap_up_at timestamptz,
    closed_at timestamptz,
    disposition text REFERENCES dispositions,
    disposition_note text,
    updated_at timestamptz NOT NULL,
    CONSTRAINT ck_interactions_held_by_one_agent
        CHECK ((state IN ('active', 'wrap_up')) <= (agent_id IS NOT NULL)),
    CONSTRAINT ck_interactions_waiting_has_no_agent
        CHECK ((state IN ('queued', 'offered')) <= (agent_id IS NULL)),
    CONSTRAINT ck_interactions_closed_is_disposed
        CHECK ((state = 'closed') <= (disposition IS NOT NULL AND closed_at IS NOT NULL))
);
-- Two messages of one sender at the same moment open one interaction.
CREATE UNIQUE INDEX uq_interactions_open_contact ON interactions (channel, contact)
    WHERE state IN ('queued', 'offered', 'active', 'wrap_up');
CREATE INDEX ix_interactions_waiting ON interactions (queue_id, waiting_since) WHERE state = 'queued';
CREATE INDEX ix_interactions_agent ON interactions (agent_id) WHERE state IN ('active', 'wrap_up');
CREATE INDEX ix_interactions_contact ON interactions (channel, contact, opened_at DESC);
CREATE INDEX ix_interactions_late ON interactions (opened_at) WHERE history = 'late';

CREATE TABLE interaction_identifiers (
    interaction_id uuid NOT NULL REFERENCES interactions,
    type text NOT NULL,
    value text NOT NULL,
    state text NOT NULL CHECK (state IN ('claimed', 'verified')),
    PRIMARY KEY (interaction_id, type, value)
);

CREATE TABLE offers (
    id uuid PRIMARY KEY,
    interaction_id uuid NOT NULL REFERENCES interactions,
    agent_id uuid NOT NULL REFERENCES agents,
    decision_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'open'
        CHECK (state IN ('open', 'accepted', 'declined', 'timed_out', 'rescinded')),
    offered_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at timestamptz,
    reason text,
    why jsonb NOT NULL,
    CONSTRAINT ck_offers_open_or_ended CHECK ((state = 'open') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX uq_offers_one_open ON offers (interaction_id) WHERE state = 'open';
CREATE INDEX ix_offers_open_expires_at ON offers (expires_at) WHERE state = 'open';
CREATE INDEX ix_offers_interaction ON offers (interaction_id);
CREATE INDEX ix_offers_agent_open ON offers (agent_id) WHERE state = 'open';

-- Capacity is claimed in the transaction that offers the work; one interaction has one claim at the most.
CREATE TABLE capacity_claims (
    interaction_id uuid PRIMARY KEY REFERENCES interactions,
    agent_id uuid NOT NULL,
    channel text NOT NULL,
    FOREIGN KEY (agent_id, channel) REFERENCES agent_capacity
);
CREATE INDEX ix_capacity_claims_agent ON capacity_claims (agent_id);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    interaction_id uuid NOT NULL REFERENCES interactions,
    seq integer NOT NULL,
    channel text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('inbound', 'reply', 'note', 'system')),
    author_kind text NOT NULL CHECK (author_kind IN ('customer', 'agent', 'system')),
    author_id uuid,
    author_name text NOT NULL,
    text text NOT NULL,
    language text,
    subject text,
    external_id text,
    identity text CHECK (identity IN ('verified', 'claimed')),
    html_available boolean NOT NULL DEFAULT false,
    sent_at timestamptz NOT NULL,
    delivery text CHECK (delivery IN ('queued', 'sending', 'sent', 'failed', 'unknown')),
    delivery_due_at timestamptz,
    delivery_tries smallint NOT NULL DEFAULT 0,
    CONSTRAINT uq_messages_seq UNIQUE (interaction_id, seq),
    -- The same message twice is one message.
    CONSTRAINT uq_messages_external_id UNIQUE (channel, external_id)
);
CREATE INDEX ix_messages_delivery_due ON messages (delivery_due_at) WHERE delivery_due_at IS NOT NULL;

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    message_id uuid NOT NULL REFERENCES messages,
    name text NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    object_key text NOT NULL
);
CREATE INDEX ix_attachments_message ON attachments (message_id);

CREATE TABLE drafts (
    interaction_id uuid NOT NULL REFERENCES interactions,
    agent_id uuid NOT NULL REFERENCES agents,
    kind text NOT NULL CHECK (kind IN ('reply', 'note')),
    text text NOT NULL,
    version integer NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (interaction_id, agent_id)
);

CREATE TABLE decisions (
    id uuid PRIMARY KEY,
    decided_at timestamptz NOT NULL,
    -- What was looked at and what was decided, as compressed JSON: a replay must give the same answer.
    situation bytea NOT NULL,
    outcome bytea NOT NULL
);
CREATE INDEX ix_decisions_decided_at ON decisions (decided_at);
CREATE TABLE decision_subjects (
    decision_id uuid NOT NULL REFERENCES decisions ON DELETE CASCADE,
    interaction_id uuid NOT NULL REFERENCES interactions,
    PRIMARY KEY (interaction_id, decision_id)
);

-- Something happened that may call for a decision. Inserted by whoever did it, deleted by the decider.
CREATE TABLE routing_signals (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

CREATE TABLE desk_events (
    agent_id uuid NOT NULL REFERENCES agents,
    seq bigint NOT NULL,
    type text NOT NULL,
    data text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, seq)
);
CREATE INDEX ix_desk_events_created_at ON desk_events (created_at);

CREATE TABLE templates (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    title text NOT NULL,
    body text NOT NULL,
    language text NOT NULL,
    channel text
);

CREATE TABLE mailboxes (
    address text PRIMARY KEY,
    uidvalidity bigint NOT NULL,
    last_uid bigint NOT NULL
);
-- What came by mail and opened nothing: automatic answers, bounces, loops.
CREATE TABLE ignored_mails (
    external_id text PRIMARY KEY,
    sender text NOT NULL,
    kind text NOT NULL,
    received_at timestamptz NOT NULL
);
CREATE TABLE quarantine (
    id uuid PRIMARY KEY,
    content_hash bytea NOT NULL UNIQUE,
    sender text NOT NULL,
    subject text NOT NULL,
    reason text NOT NULL,
    size bigint NOT NULL,
    object_key text NOT NULL,
    received_at timestamptz NOT NULL
);
"""

FUNCTIONS = [
    """
CREATE FUNCTION check_interaction_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('queued', 'offered'), ('offered', 'active'), ('offered', 'queued'), ('active', 'queued'),
        ('active', 'wrap_up'), ('active', 'closed'), ('wrap_up', 'active'), ('wrap_up', 'closed'),
        ('queued', 'abandoned'), ('offered', 'abandoned')
    ) THEN
        RAISE EXCEPTION 'interaction % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER interaction_transition BEFORE UPDATE OF state ON interactions
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_interaction_transition()
""",
    """
CREATE FUNCTION count_capacity_claim() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE agent_capacity SET used = used + 1 WHERE agent_id = NEW.agent_id AND channel = NEW.channel;
        RETURN NEW;
    END IF;
    UPDATE agent_capacity SET used = used - 1, capacity_limit = GREATEST(wanted_limit, used - 1)
    WHERE agent_id = OLD.agent_id AND channel = OLD.channel;
    RETURN OLD;
END $$
""",
    """
CREATE TRIGGER capacity_claim_counted AFTER INSERT OR DELETE ON capacity_claims
FOR EACH ROW EXECUTE FUNCTION count_capacity_claim()
""",
    "ALTER TABLE routing_signals SET (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0)",
]


def upgrade() -> None:
    create_messaging_tables(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for statement in FUNCTIONS:
        op.execute(statement)
