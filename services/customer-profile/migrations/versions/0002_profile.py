"""Customers, identifiers, households, purchases, products and the timeline."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
CREATE TABLE customers (
    id uuid CONSTRAINT pk_customers PRIMARY KEY,
    name text NOT NULL,
    salutation text,
    language text NOT NULL,
    tier text NOT NULL,
    lifecycle text NOT NULL CONSTRAINT ck_customers_lifecycle CHECK (lifecycle IN ('lead', 'customer')),
    birthday jsonb,
    flags jsonb NOT NULL DEFAULT '[]',
    -- Counts the customer's events under the row lock: their sequence on Kafka and the ETag outside.
    version bigint NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE TABLE identifiers (
    id uuid CONSTRAINT pk_identifiers PRIMARY KEY,
    customer_id uuid NOT NULL CONSTRAINT fk_identifiers_customer_id REFERENCES customers,
    type text NOT NULL CONSTRAINT ck_identifiers_type
        CHECK (type IN ('email', 'phone', 'card', 'plate', 'order', 'wechat_open', 'visitor')),
    namespace text NOT NULL,
    value text NOT NULL,
    typed text NOT NULL,
    shown text NOT NULL,
    -- A valid mobile number: with a verified identifier the only kind that may join records by itself.
    mobile boolean NOT NULL,
    state text NOT NULL CONSTRAINT ck_identifiers_state CHECK (state IN ('claimed', 'verified')),
    source text NOT NULL CONSTRAINT ck_identifiers_source
        CHECK (source IN ('contact', 'staff', 'partner', 'import')),
    method text,
    added_at timestamptz NOT NULL,
    verified_at timestamptz,
    -- Value first: a look-up knows what was typed before it knows which namespace it is from.
    CONSTRAINT uq_identifiers_value UNIQUE (value, type, namespace),
    CONSTRAINT ck_identifiers_verified CHECK ((state = 'verified') = (verified_at IS NOT NULL))
);
CREATE INDEX ix_identifiers_customer_id ON identifiers (customer_id);
CREATE TABLE households (
    id uuid CONSTRAINT pk_households PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE TABLE household_members (
    household_id uuid NOT NULL CONSTRAINT fk_household_members_household_id REFERENCES households,
    customer_id uuid NOT NULL CONSTRAINT fk_household_members_customer_id REFERENCES customers,
    relation text,
    CONSTRAINT pk_household_members PRIMARY KEY (household_id, customer_id)
);
CREATE INDEX ix_household_members_customer_id ON household_members (customer_id);
CREATE TABLE purchases (
    id uuid CONSTRAINT pk_purchases PRIMARY KEY,
    customer_id uuid NOT NULL CONSTRAINT fk_purchases_customer_id REFERENCES customers,
    source text NOT NULL,
    external_id text NOT NULL,
    purchased_at timestamptz NOT NULL,
    items jsonb NOT NULL,
    total_minor bigint NOT NULL,
    currency text NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT uq_purchases_external_id UNIQUE (external_id, source)
);
CREATE INDEX ix_purchases_customer_id ON purchases (customer_id, purchased_at DESC, id DESC);
CREATE TABLE products (
    id uuid CONSTRAINT pk_products PRIMARY KEY,
    customer_id uuid NOT NULL CONSTRAINT fk_products_customer_id REFERENCES customers,
    purchase_id uuid CONSTRAINT fk_products_purchase_id REFERENCES purchases,
    name text NOT NULL,
    sku text,
    serial text,
    bought_on date,
    warranty_ends_on date,
    registered_at timestamptz NOT NULL
);
CREATE INDEX ix_products_customer_id ON products (customer_id, bought_on DESC, id DESC);
CREATE TABLE timeline_entries (
    -- The id of the interaction, purchase, product or note it tells of: a rebuilt timeline is the same.
    id uuid CONSTRAINT pk_timeline_entries PRIMARY KEY,
    customer_id uuid,
    -- Whom the interaction itself named; customer_id may differ once the visitor is known.
    stated_customer_id uuid,
    visitor text,
    kind text NOT NULL,
    occurred_at timestamptz NOT NULL,
    title_key text NOT NULL,
    facts jsonb NOT NULL,
    source text NOT NULL,
    identity text NOT NULL CONSTRAINT ck_timeline_entries_identity
        CHECK (identity IN ('verified', 'claimed', 'unknown')),
    sequence bigint NOT NULL
);
CREATE INDEX ix_timeline_entries_customer_id ON timeline_entries (customer_id, occurred_at DESC, id DESC)
    WHERE customer_id IS NOT NULL;
CREATE INDEX ix_timeline_entries_visitor ON timeline_entries (visitor) WHERE visitor IS NOT NULL;
"""


def upgrade() -> None:
    """Create the tables of the customer view."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
