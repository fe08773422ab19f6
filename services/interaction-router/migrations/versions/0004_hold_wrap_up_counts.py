"""Work on hold, timed wrap-up, counts by quarter of an hour, and decisions that cost what has changed."""

from alembic import op

revision = "0004"
down_revision = "0003"

# What the decider has in memory is renewed by "changed in a transaction that my last look did not see".
CHANGES = [
    "ALTER TABLE agents ADD COLUMN changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()",
    "ALTER TABLE agent_capacity ADD COLUMN changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()",
    "ALTER TABLE queues ADD COLUMN changed_xid xid8 NOT NULL DEFAULT pg_current_xact_id()",
    """
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.changed_xid := pg_current_xact_id();
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER agent_changed BEFORE UPDATE ON agents FOR EACH ROW
WHEN ((OLD.presence, OLD.presence_since, OLD.idle_since, OLD.not_responding, OLD.active)
    IS DISTINCT FROM (NEW.presence, NEW.presence_since, NEW.idle_since, NEW.not_responding, NEW.active))
EXECUTE FUNCTION note_change()
""",
    "CREATE TRIGGER capacity_changed BEFORE UPDATE ON agent_capacity FOR EACH ROW EXECUTE FUNCTION note_change()",
    "CREATE TRIGGER queue_changed BEFORE UPDATE ON queues FOR EACH ROW EXECUTE FUNCTION note_change()",
    """
CREATE FUNCTION note_change_of_skills() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE agents SET changed_xid = pg_current_xact_id()
    WHERE id = coalesce(NEW.agent_id, OLD.agent_id) AND changed_xid <> pg_current_xact_id();
    RETURN NULL;
END $$
""",
    """
CREATE TRIGGER skills_changed AFTER INSERT OR UPDATE OR DELETE ON agent_skills
FOR EACH ROW EXECUTE FUNCTION note_change_of_skills()
""",
    """
CREATE TABLE decision_anchors (
    id uuid PRIMARY KEY,
    made_at timestamptz NOT NULL,
    -- All agents as they were then, as compressed JSON; a decision keeps only who has changed since.
    agents bytea NOT NULL
)
""",
    # Null: the situation of the decision is whole.
    "ALTER TABLE decisions ADD COLUMN anchor_id uuid REFERENCES decision_anchors",
    "CREATE INDEX ix_decisions_anchor_id ON decisions (anchor_id) WHERE anchor_id IS NOT NULL",
    "CREATE INDEX ix_offers_refused_at ON offers (ended_at) WHERE state IN ('declined', 'timed_out')",
]

STATES = [
    "ALTER TABLE interactions ADD COLUMN held_at timestamptz",
    "ALTER TABLE interactions ADD COLUMN wrap_up_until timestamptz",
    # The first acceptance; assigned_at is the last one.
    "ALTER TABLE interactions ADD COLUMN answered_at timestamptz",
    "ALTER TABLE interactions DROP CONSTRAINT ck_interactions_held_by_one_agent",
    """
ALTER TABLE interactions ADD CONSTRAINT ck_interactions_held_by_one_agent
    CHECK ((state IN ('active', 'held', 'wrap_up')) <= (agent_id IS NOT NULL))
""",
    """
ALTER TABLE interactions ADD CONSTRAINT ck_interactions_held_since
    CHECK ((state = 'held') = (held_at IS NOT NULL))
""",
    "DROP INDEX uq_interactions_open_contact",
    """
CREATE UNIQUE INDEX uq_interactions_open_contact ON interactions (channel, contact)
    WHERE state IN ('queued', 'offered', 'active', 'held', 'wrap_up')
""",
    "DROP INDEX ix_interactions_agent",
    "CREATE INDEX ix_interactions_agent ON interactions (agent_id) WHERE state IN ('active', 'held', 'wrap_up')",
    """
CREATE OR REPLACE FUNCTION check_interaction_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('queued', 'offered'), ('offered', 'active'), ('offered', 'queued'), ('active', 'queued'),
        ('active', 'wrap_up'), ('active', 'closed'), ('wrap_up', 'active'), ('wrap_up', 'closed'),
        ('queued', 'abandoned'), ('offered', 'abandoned'),
        ('active', 'held'), ('held', 'active'), ('held', 'queued'), ('held', 'wrap_up'), ('held', 'closed'),
        ('wrap_up', 'queued')
    ) THEN
        RAISE EXCEPTION 'interaction % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
ALTER TABLE queues ADD COLUMN wrap_up_seconds integer NOT NULL DEFAULT 60
    CHECK (wrap_up_seconds BETWEEN 0 AND 3600)
""",
    "UPDATE interactions SET wrap_up_until = wrap_up_at + interval '60 seconds' WHERE state = 'wrap_up'",
    "UPDATE interactions SET answered_at = assigned_at WHERE assigned_at IS NOT NULL",
    "CREATE INDEX ix_interactions_wrap_up_until ON interactions (wrap_up_until) WHERE state = 'wrap_up'",
    # The profile's name for what was checked, as far as the profile has told it.
    "ALTER TABLE interaction_identifiers ADD COLUMN identifier_id uuid",
]

COUNTS = [
    """
CREATE TABLE queue_intervals (
    queue_id uuid NOT NULL REFERENCES queues,
    begins_at timestamptz NOT NULL,
    -- Eight rows for each quarter of an hour, so that a busy queue does not wait for one of them.
    shard smallint NOT NULL,
    offered integer NOT NULL,
    targeted integer NOT NULL,
    answered integer NOT NULL,
    answered_in_target integer NOT NULL,
    answer_ms bigint NOT NULL,
    abandoned integer NOT NULL,
    abandoned_in_target integer NOT NULL,
    PRIMARY KEY (queue_id, begins_at, shard)
) WITH (fillfactor = 50)
""",
    """
CREATE FUNCTION interval_share(i interactions, sign integer) RETURNS SETOF queue_intervals LANGUAGE sql IMMUTABLE AS $$
    SELECT i.queue_id, date_bin('15 minutes', i.opened_at, timestamptz '2000-01-01 00:00:00+00'),
        (uuid_hash(i.id) & 7)::smallint,
        sign,
        sign * (i.target_at IS NOT NULL)::integer,
        sign * (i.answered_at IS NOT NULL)::integer,
        sign * (i.answered_at IS NOT NULL AND i.target_at IS NOT NULL AND i.answered_at <= i.target_at)::integer,
        sign * coalesce(floor(extract(epoch FROM i.answered_at - i.opened_at) * 1000), 0)::bigint,
        sign * (i.state = 'abandoned' AND i.answered_at IS NULL)::integer,
        sign * (i.state = 'abandoned' AND i.answered_at IS NULL AND i.target_at IS NOT NULL
            AND i.closed_at <= i.target_at)::integer
$$
""",
    """
CREATE FUNCTION count_interaction() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO queue_intervals AS kept
    SELECT share.queue_id, share.begins_at, share.shard, sum(share.offered), sum(share.targeted), sum(share.answered),
        sum(share.answered_in_target), sum(share.answer_ms), sum(share.abandoned), sum(share.abandoned_in_target)
    FROM (SELECT * FROM interval_share(NEW, 1)
          UNION ALL SELECT * FROM interval_share(OLD, -1) WHERE TG_OP = 'UPDATE') share
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (queue_id, begins_at, shard) DO UPDATE SET
        offered = kept.offered + excluded.offered,
        targeted = kept.targeted + excluded.targeted,
        answered = kept.answered + excluded.answered,
        answered_in_target = kept.answered_in_target + excluded.answered_in_target,
        answer_ms = kept.answer_ms + excluded.answer_ms,
        abandoned = kept.abandoned + excluded.abandoned,
        abandoned_in_target = kept.abandoned_in_target + excluded.abandoned_in_target;
    RETURN NULL;
END $$
""",
    # At the end of the transaction: these rows are locked last and briefly, after interactions, agents and chats.
    """
CREATE CONSTRAINT TRIGGER interaction_counted AFTER INSERT ON interactions DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION count_interaction()
""",
    """
CREATE CONSTRAINT TRIGGER interaction_recounted AFTER UPDATE ON interactions DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN ((OLD.queue_id, OLD.answered_at, OLD.target_at, OLD.state = 'abandoned')
    IS DISTINCT FROM (NEW.queue_id, NEW.answered_at, NEW.target_at, NEW.state = 'abandoned'))
EXECUTE FUNCTION count_interaction()
""",
    """
INSERT INTO queue_intervals
SELECT share.queue_id, share.begins_at, share.shard, sum(share.offered), sum(share.targeted), sum(share.answered),
    sum(share.answered_in_target), sum(share.answer_ms), sum(share.abandoned), sum(share.abandoned_in_target)
FROM interactions i CROSS JOIN LATERAL interval_share(i, 1) share GROUP BY 1, 2, 3
""",
]


def upgrade() -> None:
    for statement in CHANGES + STATES + COUNTS:
        op.execute(statement)
