"""An answer that did not reach the customer is put before an agent, whatever has become of the matter meanwhile.

While the matter is open, its conversation says so. Answers fail after an agent has closed the matter more often than
before; then it is opened anew, and goes to the agent who had it if she is there.
"""

from uuid import UUID

from interaction_router.channels.mail.identity import PROVEN, address_of
from interaction_router.customers.client import Identifier, Resolution
from interaction_router.deliveries.returns import Report
from interaction_router.events import MessageBounced, MessageFailed
from interaction_router.interactions import messages, repository
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.receive import Arrival, open_or_join
from interaction_router.interactions.rows import Row
from interaction_router.interactions.states import OPEN_STATES
from interaction_router.unit import Unit

_FIND = """
SELECT id, interaction_id FROM messages WHERE channel = 'mail' AND external_id = ANY($1) AND kind = 'reply'
ORDER BY array_position($1, external_id) LIMIT 1
"""
# A report may be here before the mail server's own answer has been written down.
_BOUNCE = """
UPDATE messages SET delivery = 'bounced', delivery_due_at = NULL
WHERE id = $1 AND delivery IN ('sending', 'sent', 'unknown') RETURNING id
"""


async def note_bounce(unit: Unit, report: Report) -> None:
    """An agent's answer came back; a report of delay, or of somebody else's mail, changes nothing."""
    found = await unit.connection.fetchrow(_FIND, list(report.message_ids)) if report.failed else None
    work = await repository.lock(unit.connection, found["interaction_id"]) if found else None
    if found is None or work is None or not await unit.connection.fetchval(_BOUNCE, found["id"]):
        return
    unit.changed.add(work["id"])
    unit.new_messages.append(found["id"])
    moved = await repository.next_version(unit.connection, work["id"], unit.now)
    bounced = MessageBounced(interaction_id=work["id"], message_id=found["id"], channel="mail", status=report.status)
    await unit.emit(bounced, work["id"], moved["version"])
    await show(unit, work, "bounced")


async def note_end(unit: Unit, work: Row, message_id: UUID, state: str) -> None:
    """An answer in a locked interaction has failed for good, or it will not be known whether it has."""
    if state == "failed":
        moved = await repository.next_version(unit.connection, work["id"], unit.now)
        failed = MessageFailed(interaction_id=work["id"], message_id=message_id, channel="mail")
        await unit.emit(failed, work["id"], moved["version"])
    await show(unit, work, state)


async def show(unit: Unit, work: Row, state: str) -> None:
    """Put it before an agent; `state` is where the answer's delivery has ended."""
    shown_in = work["id"]
    if work["state"] not in OPEN_STATES:
        shown_in = (await open_or_join(unit, await _again(unit, work))).interaction_id
    await _remark(unit, shown_in, f"reply.{state}")


async def _remark(unit: Unit, interaction_id: UUID, code: str) -> None:
    """Say it in the conversation, as something that nobody has read yet; the desk has the words for the code."""
    remark = NewMessage(
        channel="mail", kind="system", author_kind="system", author_name="", text=code, sent_at=unit.now
    )
    counted = await repository.count_message(unit.connection, interaction_id, unit.now, snippet=None, unread=True)
    await messages.insert(unit.connection, interaction_id, counted["message_count"], remark)
    unit.changed.add(interaction_id)
    unit.new_messages.append(remark.id)


async def _again(unit: Unit, work: Row) -> Arrival:
    """The matter once more, of the same customer and in the same queue."""
    queue = await unit.connection.fetchval("SELECT key FROM queues WHERE id = $1", work["queue_id"])
    proven = work["contact"].startswith(PROVEN)
    known = work["customer_id"] is not None and work["history"] == "ready"
    return Arrival(
        channel="mail",
        contact=work["contact"],
        queue=queue,
        subject=work["subject"],
        display_name=work["customer_name"],
        language=work["language"],
        identifier=Identifier("email", address_of(work["contact"]), proven=proven),
        resolution=_known(work) if known else None,
        referenced=work["id"],
        lock=address_of(work["contact"]),
    )


def _known(work: Row) -> Resolution:
    return Resolution(
        customer_id=work["customer_id"],
        name=work["customer_name"],
        tier=work["tier"],
        language=work["language"],
        match="verified" if work["identity"] == "verified" else "claimed",
    )
