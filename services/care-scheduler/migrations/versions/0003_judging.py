"""How care is given: matrix, templates, contents; and what may forbid it: suppressions, caps, complaints."""

import json
from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
CREATE TABLE templates (
    key text CONSTRAINT pk_templates PRIMARY KEY,
    version integer NOT NULL
);
CREATE TABLE template_versions (
    key text NOT NULL CONSTRAINT fk_template_versions_key REFERENCES templates,
    version integer NOT NULL CONSTRAINT ck_template_versions_version CHECK (version > 0),
    -- Language → subject, text, script.
    languages jsonb NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    CONSTRAINT pk_template_versions PRIMARY KEY (key, version)
);
CREATE TABLE matrix_cells (
    tier text NOT NULL,
    occasion text NOT NULL CONSTRAINT fk_matrix_cells_occasion REFERENCES occasions,
    version integer NOT NULL CONSTRAINT ck_matrix_cells_version CHECK (version > 0),
    means text NOT NULL CONSTRAINT ck_matrix_cells_means CHECK (means IN ('mail', 'phone_task', 'card', 'none')),
    template_key text CONSTRAINT fk_matrix_cells_template_key REFERENCES templates,
    -- Who goes first when several compete for the last place under a cap.
    priority smallint NOT NULL CONSTRAINT ck_matrix_cells_priority CHECK (priority BETWEEN 0 AND 100),
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    -- A change is a new version: what was sent can be traced to the cell as it was.
    CONSTRAINT pk_matrix_cells PRIMARY KEY (tier, occasion, version),
    CONSTRAINT ck_matrix_cells_template CHECK (means = 'none' OR template_key IS NOT NULL)
);
CREATE TABLE care_contents (
    care_id uuid CONSTRAINT pk_care_contents PRIMARY KEY
        CONSTRAINT fk_care_contents_care_id REFERENCES care_items ON DELETE CASCADE,
    language text NOT NULL,
    subject text NOT NULL,
    text text NOT NULL,
    script text,
    template_key text NOT NULL,
    template_version integer NOT NULL,
    rendered_at timestamptz NOT NULL
);
CREATE TABLE caps (
    days smallint CONSTRAINT pk_caps PRIMARY KEY CONSTRAINT ck_caps_days CHECK (days BETWEEN 1 AND 366),
    at_most smallint NOT NULL CONSTRAINT ck_caps_at_most CHECK (at_most BETWEEN 0 AND 100)
);
INSERT INTO caps VALUES (1, 1), (7, 2), (30, 6);
CREATE TABLE caps_version (
    the_only boolean DEFAULT true CONSTRAINT pk_caps_version PRIMARY KEY
        CONSTRAINT ck_caps_version_one CHECK (the_only),
    version integer NOT NULL
);
INSERT INTO caps_version (version) VALUES (1);
-- Whoever decides about a customer's contacts holds this row: two processes take turns.
CREATE TABLE contacted_customers (
    customer_id uuid CONSTRAINT pk_contacted_customers PRIMARY KEY
);
CREATE TABLE contacts (
    care_id uuid CONSTRAINT pk_contacts PRIMARY KEY
        CONSTRAINT fk_contacts_care_id REFERENCES care_items ON DELETE CASCADE,
    customer_id uuid NOT NULL CONSTRAINT fk_contacts_customer_id REFERENCES contacted_customers,
    at timestamptz NOT NULL
);
CREATE INDEX ix_contacts_customer_id ON contacts (customer_id, at);
CREATE TABLE suppressions (
    customer_id uuid NOT NULL,
    purpose text NOT NULL CONSTRAINT ck_suppressions_purpose CHECK (purpose IN ('marketing', 'survey', 'service')),
    channel text NOT NULL CONSTRAINT ck_suppressions_channel CHECK (channel IN ('mail', 'phone', 'letter', 'sms')),
    suppressed_at timestamptz NOT NULL,
    CONSTRAINT pk_suppressions PRIMARY KEY (customer_id, purpose, channel)
);
CREATE TABLE complaints (
    complaint_id uuid CONSTRAINT pk_complaints PRIMARY KEY,
    customer_id uuid NOT NULL,
    is_open boolean NOT NULL
);
CREATE INDEX ix_complaints_open ON complaints (customer_id) WHERE is_open;
ALTER TABLE care_items
    -- The gate that decided, if one refused.
    ADD COLUMN gate text,
    ADD COLUMN outcome text,
    ADD COLUMN judged_at timestamptz;
CREATE INDEX ix_care_items_given ON care_items (due_at) WHERE state NOT IN ('planned', 'held')
"""

# The last word on the cap is the database's: no window that holds a new contact may hold more than a cap allows.
FUNCTION = """
CREATE FUNCTION check_caps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cap record;
    found integer;
BEGIN
    PERFORM FROM contacted_customers WHERE customer_id = NEW.customer_id FOR NO KEY UPDATE;
    FOR cap IN SELECT at_most, make_interval(hours => 24 * days) AS length FROM caps LOOP
        SELECT max(inside) INTO found FROM (
            SELECT (SELECT count(*) FROM contacts c
                    WHERE c.customer_id = NEW.customer_id
                      AND c.at >= first.at AND c.at < first.at + cap.length) AS inside
            FROM contacts first
            WHERE first.customer_id = NEW.customer_id AND first.at > NEW.at - cap.length AND first.at <= NEW.at
        ) windows;
        IF found > cap.at_most THEN
            RAISE EXCEPTION 'customer % would be contacted % times within %', NEW.customer_id, found, cap.length
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_contacts_caps';
        END IF;
    END LOOP;
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER contacts_caps AFTER INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION check_caps()
"""

# Occasion → means for gold and for the others, and priority, to which the tier adds.
CELLS = {
    "birthday": ("phone_task", "mail", 60),
    "mid_autumn": ("card", "mail", 30),
    "great_cold": ("phone_task", "mail", 20),
    "three_months": ("phone_task", "mail", 40),
    "purchase_overdue": ("phone_task", "mail", 50),
    "warranty_ending": ("phone_task", "mail", 70),
    "follow_up": ("mail", "mail", 80),
    "complaint_acknowledged": ("mail", "mail", 85),
    "complaint_answered": ("mail", "mail", 85),
    "complaint_check": ("phone_task", "phone_task", 85),
}


def upgrade() -> None:
    """Create the tables and fill in the first templates and the first matrix."""
    for statement in TABLES.split(";\n"):
        if statement.strip():
            op.execute(statement)
    op.execute(FUNCTION)
    op.execute(TRIGGER)
    connection = op.get_bind()
    templates = json.loads(Path(__file__).with_name("0003_templates.json").read_text(encoding="utf-8"))
    for key, languages in templates.items():
        connection.exec_driver_sql("INSERT INTO templates VALUES ($1, 1)", (key,))
        connection.exec_driver_sql(
            "INSERT INTO template_versions VALUES ($1, 1, $2::text::jsonb, 'careline', now())",
            (key, json.dumps(languages, ensure_ascii=False)),
        )
    for occasion, (gold, others, priority) in CELLS.items():
        for tier, means, extra in (("gold", gold, 10), ("silver", others, 5), ("regular", others, 0)):
            connection.exec_driver_sql(
                "INSERT INTO matrix_cells VALUES ($1, $2, 1, $3, $2, $4, 'careline', now())",
                (tier, occasion, means, priority + extra),
            )
