"""Complaints: owners, deadlines, hand-overs, timers, promises, and a history that nobody can rewrite."""

from alembic import op

revision = "0003"
down_revision = "0002"

# What the directory says about people, departments and calendars.
MIRROR = (
    """
    CREATE TABLE departments (
        id uuid CONSTRAINT pk_departments PRIMARY KEY,
        key text NOT NULL,
        head_id uuid,
        version bigint NOT NULL
    )
    """,
    """
    CREATE TABLE people (
        id uuid CONSTRAINT pk_people PRIMARY KEY,
        roles text[] NOT NULL DEFAULT '{}',
        department_id uuid,
        state text NOT NULL DEFAULT 'active' CONSTRAINT ck_people_state CHECK (state IN ('active', 'leaving', 'left')),
        successor_id uuid CONSTRAINT fk_people_successor_id REFERENCES people,
        CONSTRAINT ck_people_successor CHECK (successor_id <> id AND (state <> 'active' OR successor_id IS NULL))
    )
    """,
    "CREATE INDEX ix_people_department_id ON people (department_id) WHERE state = 'active'",
    """
    CREATE TABLE calendars (
        key text NOT NULL,
        version bigint NOT NULL CONSTRAINT ck_calendars_version CHECK (version > 0),
        time_zone text NOT NULL,
        weekly jsonb NOT NULL,
        closed_on date[] NOT NULL,
        open_on date[] NOT NULL,
        known_through date,
        CONSTRAINT pk_calendars PRIMARY KEY (key, version)
    )
    """,
    """
    CREATE TRIGGER calendars_immutable BEFORE UPDATE OR DELETE ON calendars
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
)

STANDARDS = (
    'CREATE TYPE textrange AS RANGE (subtype = text, collation = "C")',
    """
    CREATE TABLE standards (
        id uuid CONSTRAINT pk_standards PRIMARY KEY,
        kind text NOT NULL CONSTRAINT ck_standards_kind
            CHECK (kind IN ('product', 'service', 'delivery', 'billing', 'staff', 'other')),
        -- NULL is the promise to every tier that has none of its own.
        tier text,
        topic text NOT NULL GENERATED ALWAYS AS (kind || '/' || coalesce(tier, '*')) STORED,
        -- NULL is the company's calendar.
        calendar_key text,
        acknowledge_seconds bigint NOT NULL,
        resolve_seconds bigint NOT NULL,
        word_seconds bigint NOT NULL,
        handover_seconds bigint NOT NULL,
        warn_before_seconds bigint NOT NULL,
        escalate_after_seconds bigint NOT NULL,
        effective tstzrange NOT NULL CONSTRAINT ck_standards_effective
            CHECK (NOT isempty(effective) AND NOT lower_inf(effective)),
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        CONSTRAINT ck_standards_seconds CHECK (
            acknowledge_seconds > 0 AND resolve_seconds >= acknowledge_seconds AND word_seconds > 0
            AND handover_seconds > 0 AND warn_before_seconds >= 0 AND escalate_after_seconds > 0),
        -- Whoever asks what was promised about a topic at a moment gets one answer. The topic stands in a range of its
        -- own because plain texts cannot be in a GiST index without an extension.
        CONSTRAINT ex_standards_one_promise EXCLUDE USING gist (
            textrange(topic, topic, '[]') WITH &&, effective WITH &&)
    )
    """,
    # A promise that was made is not rewritten: it ends, and another one follows.
    """
    CREATE FUNCTION check_standard_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR lower(NEW.effective) <> lower(OLD.effective)
            -- The topic is generated after this, out of what is compared here.
            OR (to_jsonb(NEW) - 'effective' - 'topic') <> (to_jsonb(OLD) - 'effective' - 'topic')
        THEN
            RAISE EXCEPTION 'a standard can only be ended'
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_standards_immutable';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER standards_immutable BEFORE UPDATE OR DELETE ON standards
    FOR EACH ROW EXECUTE FUNCTION check_standard_change()
    """,
    # Business seconds of a day of eight hours: a gold customer hears within half a day, anybody within one.
    """
    INSERT INTO standards (id, kind, tier, acknowledge_seconds, resolve_seconds, word_seconds, handover_seconds,
        warn_before_seconds, escalate_after_seconds, effective, set_by, set_at)
    SELECT uuidv7(), kind, tier, 3600 * acknowledge, 3600 * resolve, 3600 * 40, 3600 * 8, 3600 * 2, 3600 * 8,
        tstzrange('2000-01-01Z', NULL), 'installation', clock_timestamp()
    FROM unnest(ARRAY['product', 'service', 'delivery', 'billing', 'staff', 'other']) AS kind,
        (VALUES (NULL, 8, 40), ('gold', 4, 24)) AS promise (tier, acknowledge, resolve)
    """,
    """
    CREATE TABLE complaint_rules (
        kind text CONSTRAINT pk_complaint_rules PRIMARY KEY,
        -- NULL leaves it with the department of whoever recorded it.
        department_key text,
        owner text NOT NULL CONSTRAINT ck_complaint_rules_owner CHECK (owner IN ('recorder', 'head')),
        CONSTRAINT ck_complaint_rules_head CHECK (owner = 'recorder' OR department_key IS NOT NULL)
    )
    """,
)

COMPLAINTS = (
    """
    CREATE TABLE complaints (
        id uuid CONSTRAINT pk_complaints PRIMARY KEY,
        number bigint GENERATED ALWAYS AS IDENTITY (START WITH 1001) CONSTRAINT uq_complaints_number UNIQUE,
        version bigint NOT NULL,
        state text NOT NULL CONSTRAINT ck_complaints_state CHECK (state IN ('open', 'answered', 'reopened', 'closed')),
        customer_id uuid,
        -- What the complainant says they can be reached by; a claim.
        contact text,
        interaction_id uuid,
        invitation_id uuid CONSTRAINT uq_complaints_invitation_id UNIQUE,
        reference text,
        kind text NOT NULL CONSTRAINT ck_complaints_kind
            CHECK (kind IN ('product', 'service', 'delivery', 'billing', 'staff', 'other')),
        severity text NOT NULL CONSTRAINT ck_complaints_severity CHECK (severity IN ('minor', 'major')),
        tier text,
        text text NOT NULL,
        source text NOT NULL CONSTRAINT ck_complaints_source
            CHECK (source IN ('agent', 'web', 'partner', 'low_score')),
        recorded_by text NOT NULL,
        received_at timestamptz NOT NULL,
        owner_id uuid NOT NULL CONSTRAINT fk_complaints_owner_id REFERENCES people,
        department_id uuid NOT NULL CONSTRAINT fk_complaints_department_id REFERENCES departments,
        escalation_level smallint NOT NULL DEFAULT 0
            CONSTRAINT ck_complaints_escalation_level CHECK (escalation_level BETWEEN 0 AND 2),
        -- What was promised, on which version of which calendar: a later change of either moves nothing here.
        calendar_key text NOT NULL,
        calendar_version bigint NOT NULL,
        standard_id uuid CONSTRAINT fk_complaints_standard_id REFERENCES standards,
        acknowledge_seconds bigint NOT NULL,
        resolve_seconds bigint NOT NULL,
        word_seconds bigint NOT NULL,
        handover_seconds bigint NOT NULL,
        warn_before_seconds bigint NOT NULL,
        escalate_after_seconds bigint NOT NULL,
        acknowledge_by timestamptz NOT NULL,
        resolve_by timestamptz NOT NULL,
        word_by timestamptz,
        -- False where a deadline lies beyond the holidays that the calendar knows.
        calendar_known boolean NOT NULL,
        acknowledged_at timestamptz,
        answered_at timestamptz,
        closed_at timestamptz,
        reopened_count integer NOT NULL DEFAULT 0,
        cause_code text CONSTRAINT ck_complaints_cause_code CHECK (cause_code ~ '^[a-z][a-z_]{0,39}$'),
        decision text CONSTRAINT ck_complaints_decision CHECK (decision IN ('upheld', 'partly', 'rejected')),
        redress_type text,
        redress_amount_minor bigint CONSTRAINT ck_complaints_redress_amount CHECK (redress_amount_minor > 0),
        redress_currency text,
        reply_text text,
        customer_word text CONSTRAINT ck_complaints_customer_word
            CHECK (customer_word IN ('accepted', 'not_accepted', 'no_answer_after_attempts')),
        word_attempts smallint NOT NULL DEFAULT 0,
        next_deadline_at timestamptz GENERATED ALWAYS AS (
            CASE state
                WHEN 'closed' THEN NULL
                WHEN 'answered' THEN word_by
                ELSE CASE WHEN acknowledged_at IS NULL THEN least(acknowledge_by, resolve_by) ELSE resolve_by END
            END) STORED,
        CONSTRAINT fk_complaints_calendar FOREIGN KEY (calendar_key, calendar_version) REFERENCES calendars,
        CONSTRAINT ck_complaints_next_deadline CHECK (state = 'closed' OR next_deadline_at IS NOT NULL),
        CONSTRAINT ck_complaints_reachable CHECK (num_nonnulls(customer_id, contact, interaction_id) > 0),
        CONSTRAINT ck_complaints_answered CHECK (
            state NOT IN ('answered', 'closed')
            OR num_nulls(cause_code, decision, reply_text, answered_at, word_by) = 0),
        CONSTRAINT ck_complaints_closed CHECK (
            state <> 'closed' OR num_nulls(cause_code, decision, reply_text, customer_word, closed_at) = 0),
        CONSTRAINT ck_complaints_word CHECK (customer_word IS NULL OR state IN ('answered', 'closed')),
        CONSTRAINT ck_complaints_no_answer CHECK (customer_word <> 'no_answer_after_attempts' OR word_attempts >= 2),
        CONSTRAINT ck_complaints_redress CHECK (
            (redress_amount_minor IS NULL) = (redress_currency IS NULL)
            AND (redress_type IS NOT NULL OR redress_amount_minor IS NULL))
    )
    -- Room on each page, so that most changes touch no index.
    WITH (fillfactor = 80)
    """,
    "CREATE INDEX ix_complaints_owner_id ON complaints (owner_id, next_deadline_at) WHERE state <> 'closed'",
    "CREATE INDEX ix_complaints_department_id ON complaints (department_id, next_deadline_at) WHERE state <> 'closed'",
    "CREATE INDEX ix_complaints_next_deadline_at ON complaints (next_deadline_at, id) WHERE state <> 'closed'",
    "CREATE INDEX ix_complaints_customer_id ON complaints (customer_id)",
    "CREATE INDEX ix_complaints_interaction_id ON complaints (interaction_id)",
    "CREATE INDEX ix_complaints_recorded_by ON complaints (recorded_by, received_at)",
    """
    CREATE TABLE handover_offers (
        id uuid CONSTRAINT pk_handover_offers PRIMARY KEY,
        complaint_id uuid NOT NULL CONSTRAINT fk_handover_offers_complaint_id REFERENCES complaints,
        from_person_id uuid NOT NULL CONSTRAINT fk_handover_offers_from_person_id REFERENCES people,
        from_department_id uuid NOT NULL CONSTRAINT fk_handover_offers_from_department_id REFERENCES departments,
        to_department_id uuid NOT NULL CONSTRAINT fk_handover_offers_to_department_id REFERENCES departments,
        to_person_id uuid CONSTRAINT fk_handover_offers_to_person_id REFERENCES people,
        note text NOT NULL,
        state text NOT NULL CONSTRAINT ck_handover_offers_state
            CHECK (state IN ('open', 'accepted', 'bounced', 'withdrawn')),
        offered_at timestamptz NOT NULL,
        answer_by timestamptz NOT NULL,
        answered_at timestamptz,
        answered_by uuid CONSTRAINT fk_handover_offers_answered_by REFERENCES people,
        bounce_reason text,
        CONSTRAINT ck_handover_offers_answered CHECK ((state = 'open') = (answered_at IS NULL)),
        CONSTRAINT ck_handover_offers_answered_by CHECK (
            state NOT IN ('accepted', 'bounced') OR answered_by IS NOT NULL),
        CONSTRAINT ck_handover_offers_bounced CHECK ((state = 'bounced') = (bounce_reason IS NOT NULL)),
        CONSTRAINT ck_handover_offers_to_another CHECK (to_person_id <> from_person_id)
    )
    """,
    "CREATE UNIQUE INDEX uq_handover_offers_one_open ON handover_offers (complaint_id) WHERE state = 'open'",
    "CREATE INDEX ix_handover_offers_complaint_id ON handover_offers (complaint_id, offered_at)",
    "CREATE INDEX ix_handover_offers_from_person_id ON handover_offers (from_person_id)",
    "CREATE INDEX ix_handover_offers_to_department_id ON handover_offers (to_department_id) WHERE state = 'open'",
    "CREATE INDEX ix_handover_offers_to_person_id ON handover_offers (to_person_id) WHERE state = 'open'",
    # Levels: 0 warns, 1 is overdue, 2 escalates to the head of the department, 3 to the supervisors.
    """
    CREATE TABLE complaint_timers (
        complaint_id uuid NOT NULL CONSTRAINT fk_complaint_timers_complaint_id REFERENCES complaints,
        kind text NOT NULL CONSTRAINT ck_complaint_timers_kind
            CHECK (kind IN ('acknowledge', 'resolve', 'word', 'handover')),
        level smallint NOT NULL CONSTRAINT ck_complaint_timers_level CHECK (level BETWEEN 0 AND 3),
        due_at timestamptz NOT NULL,
        fired_at timestamptz,
        cancelled_at timestamptz,
        CONSTRAINT pk_complaint_timers PRIMARY KEY (complaint_id, kind, level),
        CONSTRAINT ck_complaint_timers_one_end CHECK (num_nonnulls(fired_at, cancelled_at) < 2),
        CONSTRAINT ck_complaint_timers_never_early CHECK (fired_at >= due_at)
    ) WITH (fillfactor = 80)
    """,
    """
    CREATE INDEX ix_complaint_timers_due_at ON complaint_timers (due_at)
    WHERE fired_at IS NULL AND cancelled_at IS NULL
    """,
    # Which care item carries which notice, as care says it: a reply to the mail is about this complaint.
    """
    CREATE TABLE complaint_notices (
        care_id uuid CONSTRAINT pk_complaint_notices PRIMARY KEY,
        complaint_id uuid NOT NULL,
        occasion text NOT NULL
    )
    """,
)

# The history has no reference to what it tells of: it outlives people, and no cascade reaches it.
HISTORY = (
    """
    CREATE TABLE complaint_history (
        complaint_id uuid NOT NULL,
        sequence bigint NOT NULL CONSTRAINT ck_complaint_history_sequence CHECK (sequence > 0),
        happened_at timestamptz NOT NULL,
        action text NOT NULL,
        actor text NOT NULL,
        -- Ids and listed facts, as JSON exactly as it was hashed.
        facts text NOT NULL CONSTRAINT ck_complaint_history_facts CHECK (facts IS JSON OBJECT),
        text_digest bytea CONSTRAINT ck_complaint_history_text_digest CHECK (length(text_digest) = 32),
        previous_hash bytea NOT NULL,
        hash bytea NOT NULL,
        CONSTRAINT pk_complaint_history PRIMARY KEY (complaint_id, sequence)
    )
    """,
    # What people wrote stands apart from the chain, which holds a salted digest of it: a text can be erased on the
    # customer's demand and the chain still closes.
    """
    CREATE TABLE complaint_texts (
        complaint_id uuid NOT NULL,
        sequence bigint NOT NULL,
        salt bytea NOT NULL CONSTRAINT ck_complaint_texts_salt CHECK (length(salt) = 16),
        text text NOT NULL,
        CONSTRAINT pk_complaint_texts PRIMARY KEY (complaint_id, sequence),
        CONSTRAINT fk_complaint_texts_entry FOREIGN KEY (complaint_id, sequence) REFERENCES complaint_history
    )
    """,
    # The database makes the chain, so that no writer can make another one.
    """
    CREATE FUNCTION chain_complaint_history() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.sequence = 1 THEN
            NEW.previous_hash := decode(repeat('00', 32), 'hex');
        ELSE
            SELECT hash INTO NEW.previous_hash FROM complaint_history
            WHERE complaint_id = NEW.complaint_id AND sequence = NEW.sequence - 1;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the history of complaint % has no entry before %', NEW.complaint_id, NEW.sequence
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_complaint_history_gapless';
            END IF;
        END IF;
        NEW.hash := sha256(NEW.previous_hash || convert_to(concat_ws(E'\\n',
            NEW.complaint_id, NEW.sequence,
            to_char(NEW.happened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            NEW.action, NEW.actor, NEW.facts, coalesce(encode(NEW.text_digest, 'hex'), '')), 'UTF8'));
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER complaint_history_chained BEFORE INSERT ON complaint_history
    FOR EACH ROW EXECUTE FUNCTION chain_complaint_history()
    """,
    """
    CREATE TRIGGER complaint_history_immutable BEFORE UPDATE OR DELETE ON complaint_history
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    """
    CREATE TRIGGER complaints_never_deleted BEFORE DELETE ON complaints
    FOR EACH ROW EXECUTE FUNCTION refuse_change()
    """,
    # No change without an entry: the version is the number of the newest entry.
    """
    ALTER TABLE complaints ADD CONSTRAINT fk_complaints_newest_entry FOREIGN KEY (id, version)
        REFERENCES complaint_history (complaint_id, sequence) DEFERRABLE INITIALLY DEFERRED
    """,
)

RULES = (
    """
    CREATE FUNCTION check_complaint_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.version <= OLD.version THEN
            RAISE EXCEPTION 'complaint % was changed without an entry in its history', NEW.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_complaints_version';
        END IF;
        IF TG_OP = 'UPDATE' AND NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
            ('open', 'answered'), ('answered', 'closed'), ('answered', 'reopened'), ('reopened', 'answered'),
            ('closed', 'reopened')
        ) THEN
            RAISE EXCEPTION 'a complaint never goes from % to %', OLD.state, NEW.state
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_complaints_transition';
        END IF;
        IF NEW.state = 'closed' AND (
            EXISTS (SELECT FROM handover_offers WHERE complaint_id = NEW.id AND state = 'open')
            OR EXISTS (SELECT FROM complaint_timers
                       WHERE complaint_id = NEW.id AND fired_at IS NULL AND cancelled_at IS NULL)
        ) THEN
            RAISE EXCEPTION 'complaint % still waits for something', NEW.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_complaints_nothing_waits';
        END IF;
        IF NEW.state <> 'closed' AND (TG_OP = 'INSERT' OR NEW.owner_id <> OLD.owner_id OR OLD.state = 'closed') THEN
            -- The lock makes whoever leaves at the same moment wait for this, or this for them.
            PERFORM FROM people WHERE id = NEW.owner_id AND state = 'active' FOR SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'person % does not work here', NEW.owner_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_complaints_owner_active';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER complaints_change BEFORE INSERT OR UPDATE ON complaints
    FOR EACH ROW EXECUTE FUNCTION check_complaint_change()
    """,
    """
    CREATE FUNCTION check_offer() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM complaints WHERE id = NEW.complaint_id AND state <> 'closed';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'complaint % is closed', NEW.complaint_id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_handover_offers_open_complaint';
        END IF;
        IF NEW.to_person_id IS NOT NULL THEN
            PERFORM FROM people WHERE id = NEW.to_person_id AND state = 'active' FOR SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'person % does not work here', NEW.to_person_id
                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_handover_offers_to_active';
            END IF;
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER handover_offers_change BEFORE INSERT OR UPDATE OF to_person_id ON handover_offers
    FOR EACH ROW WHEN (NEW.state = 'open') EXECUTE FUNCTION check_offer()
    """,
    """
    CREATE FUNCTION check_departure() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM complaints WHERE owner_id = NEW.id AND state <> 'closed')
            OR EXISTS (SELECT FROM handover_offers
                       WHERE state = 'open' AND NEW.id IN (from_person_id, to_person_id))
        THEN
            RAISE EXCEPTION 'person % still holds complaints or offers', NEW.id
                USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ck_people_holds_nothing';
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE CONSTRAINT TRIGGER people_departure AFTER UPDATE OF state ON people
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state <> 'active') EXECUTE FUNCTION check_departure()
    """,
)


def upgrade() -> None:
    """Create what complaints need; nothing of the surveys is touched."""
    for statement in (*MIRROR, *STANDARDS, *COMPLAINTS, *HISTORY, *RULES):
        op.execute(statement)
