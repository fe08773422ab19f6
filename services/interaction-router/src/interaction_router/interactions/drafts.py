"""Unfinished texts: one for each agent and interaction, so that none leaks into another conversation."""

from datetime import datetime
from uuid import UUID

from careline.database import WriteConnection
from careline.problems import Conflict
from interaction_router.interactions.rows import AnyConnection
from interaction_router.interactions.schemas import Draft, DraftInput

_PUT = """
INSERT INTO drafts AS kept (interaction_id, agent_id, kind, text, cc, version, updated_at)
SELECT $1, $2, $3, $4, $7, 1, $6 WHERE $5 = 0 OR EXISTS (
    SELECT FROM drafts WHERE interaction_id = $1 AND agent_id = $2)
ON CONFLICT (interaction_id, agent_id) DO UPDATE
SET kind = excluded.kind, text = excluded.text, cc = excluded.cc, version = kept.version + 1,
    updated_at = excluded.updated_at
WHERE kept.version = $5
RETURNING kind, text, cc, version, updated_at
"""


class StaleDraft(Conflict):
    """The draft was changed elsewhere."""

    type_name = "stale-draft"
    title = "The draft was changed elsewhere"


async def put(
    connection: WriteConnection, interaction_id: UUID, agent_id: UUID, body: DraftInput, now: datetime
) -> Draft:
    """Keep a draft that was made from the version it names."""
    row = await connection.fetchrow(_PUT, interaction_id, agent_id, body.kind, body.text, body.version, now, body.cc)
    if row is None:
        current = await read(connection, interaction_id, agent_id)
        raise StaleDraft("Take the newer draft, then save again.", draft=current.model_dump(mode="json"))
    return Draft(**dict(row))


async def read(connection: AnyConnection, interaction_id: UUID, agent_id: UUID) -> Draft:
    """The agent's draft; an empty one of version 0 if there is none."""
    row = await connection.fetchrow(
        "SELECT kind, text, cc, version, updated_at FROM drafts WHERE interaction_id = $1 AND agent_id = $2",
        interaction_id,
        agent_id,
    )
    if row is None:
        return Draft(kind="reply", text="", cc="", version=0, updated_at=None)
    return Draft(**dict(row))


async def forget(connection: WriteConnection, interaction_id: UUID, agent_id: UUID) -> None:
    """The text was sent."""
    await connection.execute("DELETE FROM drafts WHERE interaction_id = $1 AND agent_id = $2", interaction_id, agent_id)
