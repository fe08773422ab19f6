"""What comes back of the mails that care sent: reports of failure, and customers' answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from careline.ids import encode
from interaction_router.deliveries import outcomes, repository
from interaction_router.deliveries.events import Bounced, Replied
from interaction_router.unit import Unit

# The returned part of a report is text as it was sent (RFC 3462), so its Message-ID can be read without parsing it.
READ_BYTES = 256 * 1024
MAX_IDS = 50
RETURNED_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,498}>)", re.IGNORECASE | re.MULTILINE)
ACTION = re.compile(rb"^action:[ \t]*([a-z]+)", re.IGNORECASE | re.MULTILINE)
STATUS = re.compile(rb"^status:[ \t]*([245]\.[0-9]{1,3}\.[0-9]{1,3})", re.IGNORECASE | re.MULTILINE)

_BOUNCE = """
UPDATE deliveries SET state = 'bounced', version = version + 1, due_at = NULL, reason = $2, ended_at = $3
WHERE id = $1 AND state IN ('sending', 'sent', 'unknown') RETURNING *
"""
# Whoever answers has read it, so a notice of which that was not known need not be sent once more.
_ARRIVED = """
UPDATE deliveries SET version = version + 1, due_at = CASE WHEN state = 'unknown' THEN NULL ELSE due_at END
WHERE id = $1 RETURNING *
"""
_KEEP_REPLY = """
INSERT INTO delivery_replies (message_id, delivery_id, interaction_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
RETURNING message_id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server says of mails that it could not deliver (RFC 3464), or not yet."""

    message_ids: tuple[str, ...]
    failed: bool
    status: str | None


def read_report(raw: bytes, references: Sequence[str]) -> Report:
    """Read a mail that a mail server wrote; `references` are the Message-IDs in its own header."""
    text = raw[:READ_BYTES]
    returned = [found.decode("ascii", "replace") for found in RETURNED_ID.findall(text)]
    actions = {found.lower() for found in ACTION.findall(text)}
    statuses = [found.decode("ascii") for found in STATUS.findall(text)]
    permanent = next((each for each in statuses if each.startswith("5")), None)
    # Old servers send no such part at all; what they send back has failed.
    failed = b"failed" in actions or permanent is not None or not (actions or statuses)
    ids = tuple(dict.fromkeys([*returned, *references]))[:MAX_IDS]
    return Report(ids, failed, permanent)


async def note_bounce(unit: Unit, report: Report) -> None:
    """The mail came back; a report of delay, or of somebody else's mail, changes nothing."""
    if not report.failed or not report.message_ids:
        return
    delivery_id = await repository.find_by_message_id(unit.connection, report.message_ids)
    if delivery_id is None:
        return
    row = await unit.connection.fetchrow(_BOUNCE, delivery_id, report.status, unit.now)
    if row is not None:
        payload = Bounced(**outcomes.facts(row), status=report.status)
        unit.say(payload, encode("dlv", row["id"]), row["version"])


async def note_reply(unit: Unit, references: Sequence[str], message_id: UUID, interaction_id: UUID) -> None:
    """A customer's message that answers to what care sent; the interaction is locked already."""
    if not references:
        return
    delivery_id = await repository.find_by_message_id(unit.connection, references)
    if delivery_id is None or not await unit.connection.fetchval(_KEEP_REPLY, message_id, delivery_id, interaction_id):
        return
    row = await unit.connection.fetchrow(_ARRIVED, delivery_id)
    if row is not None:
        payload = Replied(**outcomes.facts(row), message_id=message_id, interaction_id=interaction_id)
        unit.say(payload, encode("dlv", row["id"]), row["version"])
