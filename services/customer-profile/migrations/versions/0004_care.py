"""What care needs to know: consents, preferences, postal address, the account's owner, and who of the staff is here."""

from alembic import op

from careline.business_time import create_business_time_table

revision = "0004"
down_revision = "0003"

_STATEMENTS = (
    """
    CREATE TABLE staff (
        id uuid CONSTRAINT pk_staff PRIMARY KEY,
        state text NOT NULL CONSTRAINT ck_staff_state CHECK (state IN ('active', 'leaving', 'left')),
        successor_id uuid CONSTRAINT fk_staff_successor_id REFERENCES staff,
        CONSTRAINT ck_staff_leaving CHECK (state <> 'leaving' OR successor_id IS NOT NULL),
        CONSTRAINT ck_staff_successor CHECK (successor_id <> id)
    )
    """,
    """
    ALTER TABLE customers
        ADD COLUMN owner_id uuid CONSTRAINT fk_customers_owner_id REFERENCES staff,
        ADD COLUMN preferred_channel text CONSTRAINT ck_customers_preferred_channel
            CHECK (preferred_channel IN ('mail', 'phone', 'letter', 'none')),
        ADD COLUMN time_zone text,
        ADD COLUMN quiet_from time,
        ADD COLUMN quiet_to time,
        ADD COLUMN postal_address jsonb,
        -- Half a quiet time says nothing, and one from eight to eight might mean never or always.
        ADD CONSTRAINT ck_customers_quiet
            CHECK ((quiet_from IS NULL) = (quiet_to IS NULL) AND (quiet_from <> quiet_to) IS NOT FALSE)
    """,
    "CREATE INDEX ix_customers_owner_id ON customers (owner_id) WHERE owner_id IS NOT NULL",
    # Whoever gives an account to somebody and whoever lets that somebody leave take turns at the row in staff.
    """
    CREATE FUNCTION check_customer_owner() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM staff WHERE id = NEW.owner_id AND state = 'active' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the owner of an account must be active'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_customers_owner_active';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tr_customers_owner BEFORE INSERT OR UPDATE OF owner_id ON customers
        FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL) EXECUTE FUNCTION check_customer_owner()
    """,
    """
    CREATE TABLE consents (
        id uuid CONSTRAINT pk_consents PRIMARY KEY,
        customer_id uuid NOT NULL CONSTRAINT fk_consents_customer_id REFERENCES customers,
        -- The customer's version, taken under the row lock: it says which of two declarations is the later one.
        number bigint NOT NULL,
        purpose text NOT NULL CONSTRAINT ck_consents_purpose CHECK (purpose IN ('service', 'marketing', 'survey')),
        channel text NOT NULL CONSTRAINT ck_consents_channel CHECK (channel IN ('mail', 'sms', 'phone', 'letter')),
        state text NOT NULL CONSTRAINT ck_consents_state CHECK (state IN ('granted', 'withdrawn')),
        source text NOT NULL,
        proof text,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT uq_consents_number UNIQUE (customer_id, purpose, channel, number)
    )
    """,
    """
    CREATE FUNCTION refuse_change_of_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'consents are only appended' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER tr_consents_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON consents
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_ledger()
    """,
)


def upgrade() -> None:
    """Add to what old code runs on; nothing that it writes becomes wrong."""
    create_business_time_table(op)
    for statement in _STATEMENTS:
        op.execute(statement)
