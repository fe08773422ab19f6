"""Calls that agents make for care: what a finished one means for its delivery."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from careline.ids import encode, new_id
from interaction_router.deliveries import outcomes, repository
from interaction_router.deliveries.events import Cancelled, Completed
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.unit import Unit

CHANNEL = "phone_task"
QUEUE = "care"
SKILL = "phone_care"
MAX_ATTEMPTS = 3
# Who did not answer at ten is tried again at noon; in business time.
PAUSE = timedelta(hours=2)
AGAIN = frozenset({"no_answer", "call_back"})

# Care calls wait behind whoever waits for us.
_CREATE_QUEUE = """
INSERT INTO queues (id, key, name, required_skills, priority, offer_timeout_seconds, channels)
VALUES ($1, 'care', 'Care', '[{"skill": "phone_care", "level": 1}]', -10, 60, '{phone_task}')
ON CONFLICT (key) DO NOTHING
"""
_CREATE_DISPOSITIONS = """
INSERT INTO dispositions (code, label_zh, label_en, channel) VALUES
    ('reached', '已联系上', 'Reached', 'phone_task'),
    ('no_answer', '无人接听', 'No answer', 'phone_task'),
    ('refused', '拒绝通话', 'Did not want to talk', 'phone_task'),
    ('call_back', '请稍后再拨', 'Asked to be called later', 'phone_task'),
    ('wrong_number', '号码错误', 'Wrong number', 'phone_task')
ON CONFLICT (code) DO NOTHING
"""
_HAND = """
UPDATE deliveries SET state = 'handed', version = version + 1, due_at = NULL, attempts = attempts + 1
WHERE id = $1 AND claim = $2 AND state = 'queued' RETURNING attempts
"""
_KEEP_TASK = "INSERT INTO phone_tasks (interaction_id, delivery_id, attempt, script) VALUES ($1, $2, $3, $4)"
_DELIVERY_OF = "SELECT delivery_id FROM phone_tasks WHERE interaction_id = $1"
_COMPLETE = """
UPDATE deliveries SET state = 'completed', version = version + 1, outcome = $2, ended_at = $3 WHERE id = $1
RETURNING version
"""
_TRY_AGAIN = """
UPDATE deliveries SET state = 'queued', version = version + 1, due_at = $2, not_before = $3 WHERE id = $1
"""
_WITHDRAW = """
UPDATE deliveries SET state = 'cancelled', version = version + 1, reason = 'expired', ended_at = $2
WHERE id = $1 AND state = 'handed' RETURNING *
"""
_OVERDUE = """
SELECT i.id FROM deliveries d JOIN phone_tasks t ON t.delivery_id = d.id AND t.attempt = d.attempts
JOIN interactions i ON i.id = t.interaction_id
WHERE d.state = 'handed' AND d.not_after < $1 AND i.state IN ('queued', 'offered') LIMIT $2
"""


async def prepare_queue(unit: Unit) -> None:
    """The queue of calls and the outcomes of a call, made with the first one; later they are anybody's to change."""
    if not await unit.connection.fetchval("SELECT EXISTS (SELECT FROM queues WHERE key = $1)", QUEUE):
        await unit.connection.execute(_CREATE_QUEUE, new_id())
        await unit.connection.execute(_CREATE_DISPOSITIONS)


async def hand_over(unit: Unit, delivery: Row, interaction_id: UUID, script: str) -> bool:
    """The call is in the queue from now on; False if somebody else has taken the delivery over."""
    attempt = await unit.connection.fetchval(_HAND, delivery["id"], delivery["claim"])
    if attempt is None:
        return False
    await unit.connection.execute(_KEEP_TASK, interaction_id, delivery["id"], attempt, script)
    return True


async def closed(unit: Unit, interaction_id: UUID, outcome: str) -> None:
    """An agent has made the call, or tried to: it is tried again, or this was its outcome."""
    delivery_id = await unit.connection.fetchval(_DELIVERY_OF, interaction_id)
    row = await repository.lock(unit.connection, delivery_id) if delivery_id else None
    if row is None or row["state"] != "handed":
        return
    again_at = unit.business_now + PAUSE
    if outcome in AGAIN and row["attempts"] < MAX_ATTEMPTS and again_at <= row["not_after"]:
        await unit.connection.execute(_TRY_AGAIN, row["id"], unit.now, again_at)
        return
    version = await unit.connection.fetchval(_COMPLETE, row["id"], outcome, unit.now)
    facts = outcomes.facts(row) | {"outcome": outcome, "attempts": row["attempts"]}
    unit.say(Completed(**facts, interaction_id=interaction_id), encode("dlv", row["id"]), version)


async def withdraw(unit: Unit, interaction_id: UUID) -> None:
    """Nobody came to it in time: it is not made late."""
    delivery_id = await unit.connection.fetchval(_DELIVERY_OF, interaction_id)
    row = await unit.connection.fetchrow(_WITHDRAW, delivery_id, unit.now)
    if row is not None:
        unit.say(Cancelled(**outcomes.facts(row), gate="expired"), encode("dlv", row["id"]), row["version"])


async def overdue(connection: AnyConnection, business_now: object, limit: int) -> Sequence[UUID]:
    """Calls that wait in the queue although their time is over."""
    return [row["id"] for row in await connection.fetch(_OVERDUE, business_now, limit)]
