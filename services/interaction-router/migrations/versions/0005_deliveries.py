"""Business time; what care sends out; and agents who leave the company."""

from alembic import op

from careline.business_time import create_business_time_table

revision = "0005"
down_revision = "0004"

CHANNELS = """
ALTER TABLE interactions DROP CONSTRAINT interactions_channel_check;
ALTER TABLE interactions ADD CONSTRAINT ck_interactions_channel
    CHECK (channel IN ('mail', 'chat', 'partner', 'in_person', 'phone_task'));
-- An outcome that names a channel closes work of that channel only.
ALTER TABLE dispositions ADD COLUMN channel text;
"""

TABLES = """
CREATE TABLE card_lists (
    id uuid PRIMARY KEY,
    state text NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'ready', 'posted')),
    cards integer NOT NULL DEFAULT 0 CHECK (cards >= 0),
    -- The font has no picture for some character: somebody must look before it is posted.
    glyphs_missing boolean NOT NULL DEFAULT false,
    -- Whoever makes the list holds it until then.
    making_until timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    posted_at timestamptz,
    CONSTRAINT ck_card_lists_posted CHECK ((state = 'posted') = (posted_at IS NOT NULL))
);

CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    -- One care event is carried out once, however often it is heard of.
    care_id uuid NOT NULL CONSTRAINT uq_deliveries_care UNIQUE,
    customer_id uuid NOT NULL,
    occasion text NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('marketing', 'survey', 'service')),
    means text NOT NULL CHECK (means IN ('mail', 'phone_task', 'card')),
    reference text,
    state text NOT NULL DEFAULT 'queued',
    version integer NOT NULL DEFAULT 1,
    -- Notices before surveys before greetings.
    urgency smallint NOT NULL GENERATED ALWAYS AS
        (CASE purpose WHEN 'service' THEN 0 WHEN 'survey' THEN 1 ELSE 2 END) STORED,
    -- Real time: when somebody is to look at it again. Null when nothing is left to be done by itself.
    due_at timestamptz,
    -- Business time.
    not_before timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    -- The fencing token of whoever works on it: counted up with each claim.
    claim integer NOT NULL DEFAULT 0,
    attempts smallint NOT NULL DEFAULT 0,
    -- How often the mail server's answer was lost.
    lost smallint NOT NULL DEFAULT 0 CHECK (lost BETWEEN 0 AND 2),
    message_id text,
    list_id uuid REFERENCES card_lists,
    reason text,
    outcome text,
    created_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT ck_deliveries_state CHECK (state IN ('queued', 'sending', 'sent', 'unknown', 'failed', 'cancelled',
        'bounced', 'handed', 'completed', 'listed')),
    CONSTRAINT ck_deliveries_sending_is_watched CHECK ((state IN ('queued', 'sending')) <= (due_at IS NOT NULL)),
    CONSTRAINT ck_deliveries_completed_has_outcome CHECK ((state = 'completed') = (outcome IS NOT NULL)),
    CONSTRAINT ck_deliveries_mail_has_id CHECK ((means = 'mail' AND state IN ('sending', 'sent', 'unknown', 'bounced'))
        <= (message_id IS NOT NULL))
);
CREATE INDEX ix_deliveries_due ON deliveries (means, urgency, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX ix_deliveries_message_id ON deliveries (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX ix_deliveries_customer ON deliveries (customer_id, id);
CREATE INDEX ix_deliveries_state ON deliveries (state, id);
CREATE INDEX ix_deliveries_list ON deliveries (list_id) WHERE list_id IS NOT NULL;

-- A call that an agent is to make; a second attempt is an interaction of its own.
CREATE TABLE phone_tasks (
    interaction_id uuid PRIMARY KEY REFERENCES interactions,
    delivery_id uuid NOT NULL REFERENCES deliveries,
    attempt smallint NOT NULL CHECK (attempt >= 1),
    script text NOT NULL,
    CONSTRAINT uq_phone_tasks_attempt UNIQUE (delivery_id, attempt)
);

-- A customer's message that answers what care sent.
CREATE TABLE delivery_replies (
    message_id uuid PRIMARY KEY REFERENCES messages,
    delivery_id uuid NOT NULL REFERENCES deliveries,
    interaction_id uuid NOT NULL REFERENCES interactions
);
CREATE INDEX ix_delivery_replies_interaction ON delivery_replies (interaction_id);
CREATE INDEX ix_delivery_replies_delivery ON delivery_replies (delivery_id);

-- Who leaves, and whether what she held has been moved.
CREATE TABLE departures (
    leaving_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    successor_id uuid NOT NULL CHECK (successor_id <> person_id),
    acknowledged_at timestamptz
);
CREATE INDEX ix_departures_person ON departures (person_id);
CREATE INDEX ix_departures_open ON departures (leaving_id) WHERE acknowledged_at IS NULL;
"""

FUNCTIONS = [
    """
CREATE FUNCTION check_delivery_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('queued', 'sending'), ('queued', 'cancelled'), ('queued', 'failed'), ('queued', 'handed'),
        ('queued', 'listed'),
        ('sending', 'sent'), ('sending', 'failed'), ('sending', 'queued'), ('sending', 'unknown'),
        -- A report of failure may be here before the mail server's own answer has been written down.
        ('sending', 'bounced'), ('unknown', 'sending'), ('unknown', 'bounced'), ('sent', 'bounced'),
        ('handed', 'completed'), ('handed', 'queued'), ('handed', 'cancelled'),
        ('listed', 'sent'), ('listed', 'cancelled'), ('listed', 'failed'), ('listed', 'queued')
    ) THEN
        RAISE EXCEPTION 'delivery % cannot go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    -- It may have arrived. A greeting that comes twice is worse than one that does not come.
    IF OLD.state = 'unknown' AND NEW.state = 'sending' AND (OLD.purpose <> 'service' OR OLD.lost > 1) THEN
        RAISE EXCEPTION 'delivery % may have arrived and is not sent again', OLD.id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER delivery_transition BEFORE UPDATE OF state ON deliveries
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_delivery_transition()
""",
    """
CREATE FUNCTION check_offer_to_active_agent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM agents WHERE id = NEW.agent_id AND active FOR KEY SHARE) THEN
        RAISE EXCEPTION 'agent % does not work here any more', NEW.agent_id USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER offer_to_active_agent BEFORE INSERT ON offers
FOR EACH ROW EXECUTE FUNCTION check_offer_to_active_agent()
""",
]


def upgrade() -> None:
    create_business_time_table(op)
    for statement in (CHANNELS + TABLES).split(";\n"):
        if statement.strip():
            op.execute(statement)
    for statement in FUNCTIONS:
        op.execute(statement)
