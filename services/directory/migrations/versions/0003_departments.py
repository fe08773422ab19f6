"""Departments, business calendars, business time, and leaving with acknowledgements."""

from alembic import op

from careline.business_time import create_business_time_table

revision = "0003"
down_revision = "0002"

_STATEMENTS = (
    """
    CREATE TABLE departments (
        id uuid CONSTRAINT pk_departments PRIMARY KEY,
        key text NOT NULL CONSTRAINT uq_departments_key UNIQUE
            CONSTRAINT ck_departments_key CHECK (key ~ '^[a-z][a-z0-9_-]{0,39}$'),
        name jsonb NOT NULL CONSTRAINT ck_departments_name CHECK (name ?& ARRAY['zh-CN', 'en']),
        head_id uuid CONSTRAINT fk_departments_head_id REFERENCES people,
        version bigint NOT NULL CONSTRAINT ck_departments_version CHECK (version > 0)
    )
    """,
    "CREATE INDEX ix_departments_head_id ON departments (head_id) WHERE head_id IS NOT NULL",
    """
    ALTER TABLE people
        ADD COLUMN department_id uuid CONSTRAINT fk_people_department_id REFERENCES departments,
        ADD COLUMN left_at timestamptz,
        ADD CONSTRAINT ck_people_left_at CHECK (left_at IS NULL OR deactivated_at IS NOT NULL)
    """,
    "UPDATE people SET left_at = deactivated_at WHERE deactivated_at IS NOT NULL",
    "CREATE INDEX ix_people_department_id ON people (department_id) WHERE department_id IS NOT NULL",
    # Whoever makes somebody a head or a successor and whoever lets that somebody leave take turns at the person's row.
    """
    CREATE FUNCTION check_department_head() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM people WHERE id = NEW.head_id AND deactivated_at IS NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the head of a department must be active'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_departments_head_active';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tr_departments_head BEFORE INSERT OR UPDATE OF head_id ON departments
        FOR EACH ROW WHEN (NEW.head_id IS NOT NULL) EXECUTE FUNCTION check_department_head()
    """,
    """
    CREATE TABLE calendar_versions (
        key text NOT NULL CONSTRAINT ck_calendar_versions_key CHECK (key ~ '^[a-z][a-z0-9_-]{0,39}$'),
        version bigint NOT NULL CONSTRAINT ck_calendar_versions_version CHECK (version > 0),
        name text NOT NULL,
        time_zone text NOT NULL,
        country text,
        weekly jsonb NOT NULL,
        -- What the administrator named, and with it the holidays and make-up days of the country as they were known.
        own_closed_on date[] NOT NULL,
        own_open_on date[] NOT NULL,
        closed_on date[] NOT NULL,
        open_on date[] NOT NULL,
        known_through date,
        made_at timestamptz NOT NULL,
        CONSTRAINT pk_calendar_versions PRIMARY KEY (key, version),
        CONSTRAINT ck_calendar_versions_one_or_other CHECK (NOT closed_on && open_on)
    )
    """,
    """
    CREATE FUNCTION refuse_change_of_calendar() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'a version of a calendar never changes' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER tr_calendar_versions_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON calendar_versions
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_calendar()
    """,
    """
    CREATE FUNCTION keep_business_time_forward() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NEW.offset_seconds < OLD.offset_seconds THEN
            RAISE EXCEPTION 'business time never goes back'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_business_time_never_back';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tr_business_time_forward BEFORE UPDATE ON business_time
        FOR EACH ROW EXECUTE FUNCTION keep_business_time_forward()
    """,
    """
    CREATE TABLE leavings (
        id uuid CONSTRAINT pk_leavings PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT fk_leavings_person_id REFERENCES people
            CONSTRAINT uq_leavings_person_id UNIQUE,
        successor_id uuid NOT NULL CONSTRAINT fk_leavings_successor_id REFERENCES people,
        note text,
        began_at timestamptz NOT NULL,
        left_at timestamptz,
        CONSTRAINT ck_leavings_successor CHECK (successor_id <> person_id)
    )
    """,
    "CREATE INDEX ix_leavings_successor_id ON leavings (successor_id)",
    """
    CREATE TABLE leaving_acknowledgements (
        leaving_id uuid NOT NULL CONSTRAINT fk_leaving_acknowledgements_leaving_id REFERENCES leavings,
        service text NOT NULL CONSTRAINT ck_leaving_acknowledgements_service
            CHECK (service IN ('profile', 'router', 'feedback')),
        moved jsonb NOT NULL,
        acknowledged_at timestamptz NOT NULL,
        CONSTRAINT pk_leaving_acknowledgements PRIMARY KEY (leaving_id, service)
    )
    """,
    """
    CREATE FUNCTION check_successor() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM people WHERE id = NEW.successor_id AND deactivated_at IS NULL FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a successor must be active'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_leavings_successor_active';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tr_leavings_successor BEFORE INSERT OR UPDATE OF successor_id ON leavings
        FOR EACH ROW EXECUTE FUNCTION check_successor()
    """,
    # Nobody has left before every service has said that nothing is theirs any more.
    """
    CREATE FUNCTION check_all_acknowledged() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF (SELECT count(*) FROM leaving_acknowledgements WHERE leaving_id = NEW.id) < 3 THEN
            RAISE EXCEPTION 'not every service has acknowledged'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_leavings_acknowledged';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER tr_leavings_acknowledged BEFORE INSERT OR UPDATE OF left_at ON leavings
        FOR EACH ROW WHEN (NEW.left_at IS NOT NULL) EXECUTE FUNCTION check_all_acknowledged()
    """,
)


def upgrade() -> None:
    """Add to what old code runs on; nothing that it writes becomes wrong."""
    create_business_time_table(op)
    for statement in _STATEMENTS:
        op.execute(statement)
