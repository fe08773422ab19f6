"""Import jobs and the rows that they could not take."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = """
CREATE TABLE imports (
    id uuid CONSTRAINT pk_imports PRIMARY KEY,
    kind text NOT NULL CONSTRAINT ck_imports_kind CHECK (kind IN ('customers', 'purchases')),
    state text NOT NULL CONSTRAINT ck_imports_state
        CHECK (state IN ('queued', 'running', 'paused', 'cancelled', 'finished', 'failed')),
    dry_run boolean NOT NULL,
    file_name text,
    encoding text NOT NULL,
    source text NOT NULL,
    columns jsonb NOT NULL,
    rows_total integer NOT NULL,
    -- Rows up to this number are committed together with their effects; a killed worker goes on after it.
    rows_done integer NOT NULL DEFAULT 0,
    rows_created integer NOT NULL DEFAULT 0,
    rows_updated integer NOT NULL DEFAULT 0,
    rows_unchanged integer NOT NULL DEFAULT 0,
    rows_failed integer NOT NULL DEFAULT 0,
    failure text,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL,
    finished_at timestamptz,
    -- The uploaded file holds personal data: it goes when the job has ended.
    file_kept boolean NOT NULL DEFAULT true,
    CONSTRAINT ck_imports_rows_done CHECK (rows_done <= rows_total)
);
CREATE INDEX ix_imports_open ON imports (created_at) WHERE state IN ('queued', 'running');
CREATE INDEX ix_imports_to_clear ON imports (id) WHERE file_kept AND state IN ('finished', 'cancelled', 'failed');
CREATE TABLE import_faults (
    import_id uuid NOT NULL CONSTRAINT fk_import_faults_import_id REFERENCES imports,
    row_number integer NOT NULL,
    field text NOT NULL,
    rule text NOT NULL,
    value text NOT NULL,
    hint text NOT NULL,
    CONSTRAINT pk_import_faults PRIMARY KEY (import_id, row_number, field, rule)
);
"""


def upgrade() -> None:
    """Create the tables of imports."""
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
