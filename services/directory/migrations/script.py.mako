"""${message}"""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Go forward; old code must run on the new schema."""
    ${upgrades if upgrades else "raise NotImplementedError"}
