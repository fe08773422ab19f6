"""Care items and what they are planned from: occasions, a mirror of the customers, and how far planning has come."""

from alembic import op

from careline.business_time import create_business_time_table

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE occasions (
    key text PRIMARY KEY CHECK (key IN (
        'birthday', 'mid_autumn', 'great_cold', 'three_months', 'purchase_overdue', 'warranty_ending',
        'follow_up', 'complaint_acknowledged', 'complaint_answered', 'complaint_check')),
    purpose text NOT NULL CHECK (purpose IN ('marketing', 'survey', 'service')),
    -- The wall clock of the customer's own zone.
    send_time time NOT NULL,
    lead_days smallint NOT NULL CHECK (lead_days BETWEEN 0 AND 365),
    -- What has not been sent so many hours after its time is not sent at all.
    valid_hours smallint NOT NULL CHECK (valid_hours BETWEEN 1 AND 2400),
    leap_month_policy text NOT NULL
        CHECK (leap_month_policy IN ('ordinary', 'leap_if_any', 'both', 'leap_only')),
    day_30_policy text NOT NULL CHECK (day_30_policy IN ('day_29', 'next_first', 'skip')),
    feb_29_policy text NOT NULL CHECK (feb_29_policy IN ('feb_28', 'mar_1', 'leap_only')),
    -- A lead has not been a customer for three months.
    customers_only boolean NOT NULL,
    active boolean NOT NULL,
    version bigint NOT NULL DEFAULT 1
);
INSERT INTO occasions VALUES
    ('birthday', 'marketing', '10:00', 0, 12, 'ordinary', 'day_29', 'feb_28', false, true),
    ('mid_autumn', 'marketing', '10:00', 0, 12, 'ordinary', 'day_29', 'feb_28', false, true),
    ('great_cold', 'marketing', '10:00', 0, 12, 'ordinary', 'day_29', 'feb_28', false, true),
    ('three_months', 'marketing', '10:00', 0, 72, 'ordinary', 'day_29', 'feb_28', true, true),
    ('purchase_overdue', 'marketing', '10:00', 0, 168, 'ordinary', 'day_29', 'feb_28', true, true),
    ('warranty_ending', 'marketing', '10:00', 30, 168, 'ordinary', 'day_29', 'feb_28', false, true),
    ('follow_up', 'survey', '10:00', 0, 72, 'ordinary', 'day_29', 'feb_28', false, true),
    ('complaint_acknowledged', 'service', '10:00', 0, 72, 'ordinary', 'day_29', 'feb_28', false, true),
    ('complaint_answered', 'service', '10:00', 0, 168, 'ordinary', 'day_29', 'feb_28', false, true),
    ('complaint_check', 'service', '10:00', 3, 72, 'ordinary', 'day_29', 'feb_28', false, true);

CREATE TABLE care_items (
    id uuid PRIMARY KEY DEFAULT uuidv7(),
    customer_id uuid NOT NULL,
    occasion text NOT NULL CHECK (occasion IN (
        'birthday', 'mid_autumn', 'great_cold', 'three_months', 'purchase_overdue', 'warranty_ending',
        'follow_up', 'complaint_acknowledged', 'complaint_answered', 'complaint_check')),
    -- The lunar year of a lunar occasion, the Gregorian year of the others, or the id of what it is about.
    occasion_key text NOT NULL CHECK (occasion_key <> ''),
    purpose text NOT NULL CHECK (purpose IN ('marketing', 'survey', 'service')),
    -- The invitation or complaint whose content feedback knows.
    reference text,
    due_at timestamptz NOT NULL,
    not_after timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'planned',
    means text CHECK (means IN ('mail', 'phone_task', 'card')),
    cell text,
    verdicts jsonb NOT NULL DEFAULT '[]',
    -- The lease of the process that judges it: real time, not business time.
    claim_token uuid,
    claimed_until timestamptz,
    created_at timestamptz NOT NULL,
    -- Counts the item's events: their sequence on Kafka.
    version bigint NOT NULL DEFAULT 0,
    CONSTRAINT uq_care_items_once UNIQUE (customer_id, occasion, occasion_key),
    CONSTRAINT ck_care_items_valid CHECK (not_after > due_at),
    CONSTRAINT ck_care_items_claimed CHECK ((claim_token IS NULL) = (claimed_until IS NULL)),
    CONSTRAINT ck_care_items_given_has_means CHECK (
        state NOT IN ('due', 'sent', 'unknown', 'failed', 'done') OR (means IS NOT NULL AND cell IS NOT NULL))
);
CREATE INDEX ix_care_items_waiting ON care_items (due_at, id) WHERE state IN ('planned', 'held');
CREATE INDEX ix_care_items_reference ON care_items (reference) WHERE reference IS NOT NULL;

CREATE TABLE care_transitions (
    -- No state yet: how an item may begin.
    from_state text NOT NULL,
    to_state text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO care_transitions VALUES
    ('', 'planned'), ('', 'expired'),
    ('planned', 'due'), ('planned', 'held'), ('planned', 'suppressed'), ('planned', 'expired'),
    ('planned', 'cancelled'),
    ('held', 'planned'), ('held', 'due'), ('held', 'suppressed'), ('held', 'expired'), ('held', 'cancelled'),
    ('due', 'sent'), ('due', 'unknown'), ('due', 'failed'), ('due', 'done'), ('due', 'cancelled'), ('due', 'expired'),
    ('unknown', 'sent'), ('unknown', 'failed'), ('sent', 'failed'), ('sent', 'done');

CREATE TABLE care_customers (
    customer_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    is_customer boolean NOT NULL,
    -- All NULL for a birthday that nobody told us: no date stands for an unknown one.
    birthday_calendar text CHECK (birthday_calendar IN ('solar', 'lunar')),
    birthday_month smallint CHECK (birthday_month BETWEEN 1 AND 12),
    birthday_day smallint CHECK (birthday_day BETWEEN 1 AND 31),
    birthday_leap boolean,
    since_on date,
    time_zone text NOT NULL,
    -- False when the profile named no zone or one that does not exist, and the company's own stands in.
    time_zone_known boolean NOT NULL,
    last_purchase_id text,
    overdue_at timestamptz,
    -- Business time since when we know of them: what had its time before is no care that expired.
    known_since timestamptz NOT NULL,
    -- The business time of the change that plans have not taken in yet.
    changed_at timestamptz,
    CONSTRAINT ck_care_customers_birthday_whole CHECK (
        num_nulls(birthday_calendar, birthday_month, birthday_day, birthday_leap) IN (0, 4)),
    CONSTRAINT ck_care_customers_overdue_whole CHECK (overdue_at IS NULL OR last_purchase_id IS NOT NULL)
);
CREATE INDEX ix_care_customers_changed ON care_customers (customer_id) WHERE changed_at IS NOT NULL;
CREATE INDEX ix_care_customers_time_zone ON care_customers (time_zone);

CREATE TABLE care_warranties (
    customer_id uuid NOT NULL REFERENCES care_customers ON DELETE CASCADE,
    product_id text NOT NULL,
    ends_on date NOT NULL,
    PRIMARY KEY (customer_id, product_id)
);

CREATE TABLE care_customers_dirty (
    customer_id uuid PRIMARY KEY,
    -- A mark set again while its refresh is under way survives that refresh.
    marks bigint NOT NULL DEFAULT 1,
    marked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_care_customers_dirty_marked_at ON care_customers_dirty (marked_at);

CREATE TABLE care_backfill (
    the_only boolean PRIMARY KEY DEFAULT true CHECK (the_only),
    -- Everybody up to this customer is mirrored; it moves in the transaction that mirrors them.
    after_customer_id uuid,
    finished_at timestamptz
);
INSERT INTO care_backfill DEFAULT VALUES;

CREATE TABLE plan_progress (
    occasion text PRIMARY KEY REFERENCES occasions,
    -- All customers are planned for the local dates up to this one.
    planned_until date,
    -- The run under way: which dates, what it has to repeat, and the last customer that it has planned for.
    run_from date,
    run_until date,
    after_customer_id uuid,
    -- Business time of a change of the occasion itself: its items are planned anew.
    changed_at timestamptz,
    CONSTRAINT ck_plan_progress_run CHECK (num_nulls(run_from, run_until) IN (0, 2) AND run_from <= run_until)
);
INSERT INTO plan_progress (occasion)
SELECT key FROM occasions
WHERE key IN ('birthday', 'mid_autumn', 'great_cold', 'three_months', 'purchase_overdue', 'warranty_ending')
"""

FUNCTIONS = [
    """
CREATE FUNCTION check_care_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := '';
BEGIN
    IF TG_OP = 'UPDATE' THEN
        before := OLD.state;
    END IF;
    IF NOT EXISTS (SELECT FROM care_transitions WHERE from_state = before AND to_state = NEW.state) THEN
        RAISE EXCEPTION 'care item % cannot go from "%" to "%"', NEW.id, before, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
""",
    """
CREATE TRIGGER care_transition BEFORE UPDATE OF state ON care_items
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION check_care_transition()
""",
    # Planned is how nearly all begin; sparing them the function keeps planning fast.
    """
CREATE TRIGGER care_beginning BEFORE INSERT ON care_items
FOR EACH ROW WHEN (NEW.state <> 'planned') EXECUTE FUNCTION check_care_transition()
""",
]


def upgrade() -> None:
    """Create the business clock's row, the care items and the tables of the planner."""
    create_business_time_table(op)
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    for statement in FUNCTIONS:
        op.execute(statement)
