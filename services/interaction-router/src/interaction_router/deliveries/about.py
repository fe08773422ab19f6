"""What an interaction has to do with what care sent."""

from uuid import UUID

from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.interactions.schemas import DeliveryRef, PhoneTask

_TASK = """
SELECT d.*, t.script, t.attempt FROM phone_tasks t JOIN deliveries d ON d.id = t.delivery_id WHERE t.interaction_id = $1
"""
_ANSWERED = """
SELECT d.* FROM delivery_replies r JOIN deliveries d ON d.id = r.delivery_id
WHERE r.interaction_id = $1 ORDER BY r.message_id LIMIT 1
"""


async def task_of(connection: AnyConnection, interaction_id: UUID) -> PhoneTask | None:
    """The call that is to be made."""
    row = await connection.fetchrow(_TASK, interaction_id)
    return None if row is None else PhoneTask(**_reference(row), script=row["script"], attempt=row["attempt"])


async def answered_by(connection: AnyConnection, interaction_id: UUID) -> DeliveryRef | None:
    """What the customer answered to when the interaction began."""
    row = await connection.fetchrow(_ANSWERED, interaction_id)
    return None if row is None else DeliveryRef(**_reference(row))


def _reference(row: Row) -> dict[str, object]:
    names = ("care_id", "means", "occasion", "purpose", "reference")
    return {"delivery_id": row["id"], **{name: row[name] for name in names}}
