"""The whole desk at one moment."""

from uuid import UUID

from careline.database import ReadConnection
from interaction_router.agents.rows import SELECT_AGENT, agent
from interaction_router.desk import repository
from interaction_router.desk.schemas import DeskSettings, Snapshot
from interaction_router.interactions import rows


async def take(connection: ReadConnection, agent_id: UUID) -> Snapshot:
    """Everything in one look, so that the cursor and what it stands for fit together."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        row = await connection.fetchrow(SELECT_AGENT + "WHERE a.id = $1", agent_id)
        if row is None:
            raise LookupError(agent_id)
        mine = await repository.mine(connection, agent_id)
        offered = await repository.offered(connection, agent_id)
        counts = await repository.counts(connection, [agent_id])
    return Snapshot(
        cursor=row["feed_seq"],
        agent=agent(row),
        offers=[rows.offer(each) for each in offered],
        interactions=[rows.inbox_row(each) for each in mine],
        counts=counts[agent_id],
        settings=DeskSettings(enter_sends=row["enter_sends"], order=row["inbox_order"]),
    )
