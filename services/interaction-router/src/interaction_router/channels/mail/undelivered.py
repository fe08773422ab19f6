"""An answer that did not reach the customer is put before an agent, whatever has become of the matter meanwhile.

While the matter is open, its conversation says so. Answers fail after an agent has closed the matter more often than
before; then it is opened anew, and goes to the agent who had it if she is there.
"""

from uuid import UUID

from interaction_router.channels.mail.arrivals import PROVEN, address_of
from interaction_router.customers.client import Identifier, Resolution
from interaction_router.events import MessageFailed
from interaction_router.interactions import messages, repository
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.receive import Arrival, open_or_join
from interaction_router.interactions.rows import Row
from interaction_router.interactions.states import OPEN_STATES
from interaction_router.unit import Unit


async def show(unit: Unit, work: Row, message_id: UUID, state: str) -> None:
    """Tell of an answer in a locked interaction that has failed for good, or may have; `state` is its delivery's."""
    if state == "failed":
        moved = await repository.next_version(unit.connection, work["id"], unit.now)
        failed = MessageFailed(interaction_id=work["id"], message_id=message_id, channel="mail")
        await unit.emit(failed, work["id"], moved["version"])
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
