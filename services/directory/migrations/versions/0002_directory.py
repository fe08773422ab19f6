"""People, sessions, sign-in attempts and partner clients."""

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = (
    """
    CREATE TABLE people (
        id uuid CONSTRAINT pk_people PRIMARY KEY,
        login text NOT NULL CONSTRAINT uq_people_login UNIQUE
            CONSTRAINT ck_people_login CHECK (login = lower(login) AND length(login) <= 64),
        name text NOT NULL CONSTRAINT ck_people_name CHECK (length(name) BETWEEN 1 AND 100),
        locale text NOT NULL CONSTRAINT ck_people_locale CHECK (locale IN ('zh-CN', 'en')),
        roles text[] NOT NULL CONSTRAINT ck_people_roles CHECK (cardinality(roles) > 0),
        password_hash text CONSTRAINT ck_people_password_hash CHECK (password_hash LIKE '$argon2id$%'),
        version bigint NOT NULL CONSTRAINT ck_people_version CHECK (version > 0),
        registered_at timestamptz NOT NULL,
        deactivated_at timestamptz
    )
    """,
    # A session is known by the hash of its cookie: who reads the table cannot be anybody by it.
    """
    CREATE TABLE sessions (
        token_hash bytea CONSTRAINT pk_sessions PRIMARY KEY CONSTRAINT ck_sessions_token_hash
            CHECK (length(token_hash) = 32),
        person_id uuid NOT NULL CONSTRAINT fk_sessions_person_id REFERENCES people (id),
        opened_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_sessions_person_id ON sessions (person_id)",
    "CREATE INDEX ix_sessions_expires_at ON sessions (expires_at)",
    # Keyed by hashes: what people type as a login is now and then their password.
    """
    CREATE TABLE sign_in_attempts (
        key bytea CONSTRAINT pk_sign_in_attempts PRIMARY KEY,
        began_at timestamptz NOT NULL,
        count integer NOT NULL
    )
    """,
    """
    CREATE TABLE clients (
        id uuid CONSTRAINT pk_clients PRIMARY KEY,
        name text NOT NULL CONSTRAINT ck_clients_name CHECK (length(name) BETWEEN 1 AND 100),
        scopes text[] NOT NULL CONSTRAINT ck_clients_scopes CHECK (cardinality(scopes) > 0),
        secret_hash bytea NOT NULL CONSTRAINT ck_clients_secret_hash CHECK (length(secret_hash) = 32),
        created_at timestamptz NOT NULL,
        revoked_at timestamptz
    )
    """,
)


def upgrade() -> None:
    """Go forward; old code must run on the new schema."""
    for statement in _TABLES:
        op.execute(statement)
