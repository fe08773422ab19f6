"""What a visitor does: begin, write, give a number, end."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from careline.idempotency import KeyReused
from careline.ids import encode
from careline.problems import Conflict, NotFound
from interaction_router.channels.chat import repository, view
from interaction_router.channels.chat.schemas import ChatInput, ChatMessage
from interaction_router.customers.client import Customers, Identifier, Resolution
from interaction_router.customers.late import link
from interaction_router.interactions import lifecycle, write
from interaction_router.interactions import repository as interactions
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.receive import Arrival, add_inbound, keep_identifier, open_or_join
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.interactions.states import ENGAGED, Cause, State
from interaction_router.unit import Unit, Units
from interaction_router.visitors import repository as visitors

WAITING = frozenset({State.QUEUED, State.OFFERED})
_CHAT_QUEUE = "SELECT key FROM queues WHERE key = $1 AND 'chat' = ANY(channels)"


class ChatEnded(Conflict):
    """The chat is over."""

    type_name = "chat-ended"
    title = "The chat has ended"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Begin a new one with POST /v1/chats; what was not sent can be sent there under its own key.")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that is kept; `again` if it was kept before."""

    message: ChatMessage
    again: bool


async def begin(units: Units, customers: Customers, visitor_id: UUID, body: ChatInput, *, gone_seconds: float) -> bool:
    """Open the visitor's chat (True) or find the one that is open; parallel calls find the same."""
    resolution = await _known_already(units, customers, visitor_id)
    async with units.begin() as unit:
        await visitors.seen(unit.connection, visitor_id, unit.now)
        arrival = Arrival(
            channel="chat",
            contact=encode("vis", visitor_id),
            queue=await unit.connection.fetchval(_CHAT_QUEUE, body.queue),
            subject=body.topic or "",
            display_name="",
            language=body.language,
            visitor_id=visitor_id,
            resolution=resolution,
        )
        joined = await open_or_join(unit, arrival)
        await repository.open_chat(
            unit.connection,
            joined.interaction_id,
            visitor_id=visitor_id,
            language=body.language,
            page_url=body.page_url,
            now=unit.now,
            lease_expires_at=unit.now + timedelta(seconds=gone_seconds),
        )
        unit.changed.add(joined.interaction_id)
    return joined.opened


async def send(unit: Unit, chat_id: UUID, visitor_id: UUID, key: str, text: str) -> Sent:
    """Keep what the visitor wrote, once, however often it is sent under its key."""
    row = await _lock(unit, chat_id)
    chat = await mine(unit.connection, chat_id, visitor_id)
    external_id = f"{encode('vis', visitor_id)}:{key}"
    before = await repository.message_of(unit.connection, external_id)
    if before is not None:
        if before["text"] != text:
            raise KeyReused("Use a new key for a new message; repeat the old one unchanged.")
        return Sent(view.message(before), again=True)
    if chat["ended_at"]:
        raise ChatEnded
    message = NewMessage(
        channel="chat",
        kind="inbound",
        author_kind="customer",
        author_name=row["customer_name"],
        text=text,
        language=chat["language"],
        sent_at=unit.now,
        external_id=external_id,
        identity=None if row["identity"] == "unknown" else row["identity"],
    )
    await add_inbound(unit, chat_id, message)
    [kept] = await repository.messages_by_id(unit.connection, [message.id])
    return Sent(view.message(kept), again=False)


async def end(unit: Unit, chat_id: UUID, visitor_id: UUID) -> None:
    """The visitor ends it: whoever was asked need not answer any more, whoever answers may finish. Twice is once."""
    row = await _lock(unit, chat_id)
    chat = await mine(unit.connection, chat_id, visitor_id)
    if chat["ended_at"]:
        return
    await repository.end(unit.connection, chat_id, "visitor", unit.now)
    if row["state"] in WAITING:
        await lifecycle.abandon(unit, row)
    elif row["state"] in ENGAGED:
        await lifecycle.start_wrap_up(unit, row, Cause.CUSTOMER_ENDED)
        await remark(unit, row, "chat.ended")
    unit.changed.add(chat_id)


async def give_phone(units: Units, customers: Customers, chat_id: UUID, visitor_id: UUID, number: str) -> None:
    """Write down a number that she says is hers. It proves nothing, so it shows at most a possible customer."""
    async with units.database.read_raw() as connection:
        if (await mine(connection, chat_id, visitor_id))["ended_at"]:
            raise ChatEnded
    phone = Identifier("phone", number, proven=False)
    found = await customers.resolve([phone], visitor_id=visitor_id)
    async with units.begin() as unit:
        row = await _lock(unit, chat_id)
        if (await mine(unit.connection, chat_id, visitor_id))["ended_at"]:
            raise ChatEnded
        # She corrects herself: only the newest number is asked about.
        await unit.connection.execute(
            "DELETE FROM interaction_identifiers WHERE interaction_id = $1 AND type = 'phone' AND state = 'claimed'",
            chat_id,
        )
        await keep_identifier(unit, chat_id, phone)
        await remark(unit, row, "phone.claimed")
        await _relate(unit, row, found, phone)


async def mine(connection: AnyConnection, chat_id: UUID, visitor_id: UUID) -> Row:
    """A chat of this visitor: the one way to reach one on a visitor's behalf. Unknown and foreign look the same."""
    row = await repository.find(connection, chat_id, visitor_id)
    if row is None:
        raise NotFound("chat", encode("int", chat_id))
    return row


async def remark(unit: Unit, row: Row, code: str) -> None:
    """Tell the agent something about the visitor; the desk has the words for the code."""
    remark_ = NewMessage(
        channel="chat", kind="system", author_kind="system", author_name="", text=code, sent_at=unit.now
    )
    await write.add(unit, row, remark_)


async def _lock(unit: Unit, chat_id: UUID) -> Row:
    row = await interactions.lock(unit.connection, chat_id)
    if row is None:
        raise NotFound("chat", encode("int", chat_id))
    return row


async def _known_already(units: Units, customers: Customers, visitor_id: UUID) -> Resolution | None:
    """Whether the profile knows this visitor from before; not asked when her chat is open."""
    async with units.database.read_raw() as connection:
        chat = await repository.current(connection, visitor_id, units.clock.now())
    if chat is not None and not chat["ended_at"]:
        return None
    return await customers.resolve([], visitor_id=visitor_id)


async def _relate(unit: Unit, row: Row, found: Resolution | None, asked: Identifier) -> None:
    """Somebody whose identity was checked stays who she is, whatever else is typed afterwards."""
    unit.changed.add(row["id"])
    if row["identity"] == "verified":
        return
    if found is not None:
        await link(unit, row["id"], found, [asked])
        return
    # The profile is away: the job that fills in histories asks again.
    await unit.connection.execute(
        "UPDATE interactions SET history = 'late', history_tries = 0 WHERE id = $1", row["id"]
    )
