"""What an agent writes: an answer, or a note for colleagues."""

from careline.auth import Principal
from careline.ids import new_id
from careline.problems import InvalidInput
from interaction_router.channels.mail.copies import NotAnAddressError, copies_to
from interaction_router.channels.mail.threads import own_message_id
from interaction_router.events import MessageSent
from interaction_router.interactions import drafts, messages, repository
from interaction_router.interactions.lifecycle import WrongState
from interaction_router.interactions.messages import NewMessage
from interaction_router.interactions.rows import ANSWERABLE, Row
from interaction_router.interactions.schemas import MessageInput
from interaction_router.interactions.states import State
from interaction_router.unit import Unit


async def write(unit: Unit, row: Row, body: MessageInput, principal: Principal, mail_address: str | None) -> Row:
    """Add the agent's message to an interaction that she holds, and send it if it is an answer."""
    if body.kind == "reply" and row["state"] != State.ACTIVE:
        raise WrongState("Answers go out while the interaction is active.", state=row["state"])
    if body.kind == "reply" and row["channel"] not in ANSWERABLE:
        raise WrongState("Nothing carries an answer to this channel; leave a note.", channel=row["channel"])
    by_mail = body.kind == "reply" and row["channel"] == "mail"
    if body.cc and not by_mail:
        raise InvalidInput("cc", "not for this message", "Only an answer by mail has copies.")
    message_id = new_id()
    message = NewMessage(
        id=message_id,
        channel=row["channel"],
        kind=body.kind,
        author_kind="agent",
        author_id=row["agent_id"],
        author_name=principal.name,
        text=body.text,
        subject=body.subject,
        template_id=body.template_id,
        cc=_copies(body.cc, mail_address),
        sent_at=unit.now,
        # A mail is sent by a job; a chat's answer is delivered by being there for the visitor's line.
        delivery="queued" if by_mail else "sent" if body.kind == "reply" else None,
        external_id=own_message_id(message_id, row["id"], mail_address or "") if by_mail else None,
    )
    unit.mail_waits = by_mail
    return await add(unit, row, message)


def _copies(addresses: list[str], mail_address: str | None) -> tuple[str, ...]:
    try:
        return copies_to(addresses, mail_address or "")
    except NotAnAddressError as fault:
        raise InvalidInput("cc", "not a mail address that can get a copy", f"Correct {fault}.") from None


async def add(unit: Unit, row: Row, message: NewMessage) -> Row:
    """Add a message from our side to a locked interaction."""
    snippet = messages.snippet(message.text) if message.kind == "reply" else None
    counted = await repository.count_message(unit.connection, row["id"], unit.now, snippet=snippet, unread=False)
    await messages.insert(unit.connection, row["id"], counted["message_count"], message)
    if message.kind == "reply":
        await unit.connection.execute("UPDATE interactions SET unread = 0 WHERE id = $1", row["id"])
    if message.author_id is not None:
        await drafts.forget(unit.connection, row["id"], message.author_id)
    if message.delivery == "sent":
        await unit.emit(
            MessageSent(interaction_id=row["id"], message_id=message.id, channel=row["channel"]),
            row["id"],
            counted["version"],
        )
    unit.changed.add(row["id"])
    unit.new_messages.append(message.id)
    return await messages.find(unit.connection, message.id)
