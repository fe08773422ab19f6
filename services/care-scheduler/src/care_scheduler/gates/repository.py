"""Statements on what the gates ask for: caps, contacts, suppressions, complaints."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from care_scheduler.gates.model import Cap, History
from careline.database import ReadConnection, Transaction, WriteConnection
from careline.statements import execute

_CAPS = "SELECT days, at_most FROM caps ORDER BY days"
_CAPS_VERSION = "SELECT version FROM caps_version"
_LOCK_CAPS = "SELECT version FROM caps_version FOR UPDATE"
_NEXT_CAPS = "UPDATE caps_version SET version = version + 1 RETURNING version"

# In the order of their ids, so that two processes cannot wait for each other in a ring.
_KNOW = """
INSERT INTO contacted_customers (customer_id) SELECT DISTINCT unnest($1::uuid[]) ORDER BY 1 ON CONFLICT DO NOTHING
"""
_TAKE_TURNS = """
SELECT customer_id FROM contacted_customers WHERE customer_id = ANY($1::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE
"""

_SUPPRESSED = "SELECT customer_id, purpose, channel FROM suppressions WHERE customer_id = ANY($1::uuid[])"
_OPEN = "SELECT customer_id, complaint_id FROM complaints WHERE customer_id = ANY($1::uuid[]) AND is_open"
_CONTACTS = "SELECT customer_id, at FROM contacts WHERE customer_id = ANY($1::uuid[]) AND at > $2 ORDER BY at"
_ADD_CONTACTS = """
INSERT INTO contacts (care_id, customer_id, at) SELECT care_id, customer_id, $3 FROM unnest($1::uuid[], $2::uuid[])
    AS given (care_id, customer_id)
"""
_COMPLAINT = """
INSERT INTO complaints (complaint_id, customer_id, is_open) VALUES ($1, $2, true)
ON CONFLICT (complaint_id) DO UPDATE SET is_open = true, customer_id = excluded.customer_id
"""
_SETTLED = "UPDATE complaints SET is_open = $2 WHERE complaint_id = $1"


async def caps(connection: ReadConnection | WriteConnection) -> list[Cap]:
    """The caps that hold now."""
    return [Cap(*row) for row in await connection.fetch(_CAPS)]


async def caps_version(connection: ReadConnection) -> int:
    """Which change of the caps this is."""
    return int(await connection.fetchval(_CAPS_VERSION))


async def lock_caps(connection: WriteConnection) -> int:
    """The version of the caps, held against others who change them."""
    return int(await connection.fetchval(_LOCK_CAPS))


async def replace_caps(connection: WriteConnection, rules: Sequence[tuple[int, int]]) -> int:
    """Set all caps; their new version."""
    await connection.execute("DELETE FROM caps")
    await connection.executemany("INSERT INTO caps (days, at_most) VALUES ($1, $2)", rules)
    return int(await connection.fetchval(_NEXT_CAPS))


async def take_turns(connection: WriteConnection, customer_ids: Sequence[UUID]) -> None:
    """Decide about these customers' contacts alone until the transaction ends."""
    await connection.execute(_KNOW, customer_ids)
    await connection.execute(_TAKE_TURNS, customer_ids)


async def histories(
    connection: ReadConnection | WriteConnection, customer_ids: Sequence[UUID], *, contacts_after: datetime
) -> dict[UUID, History]:
    """What the gates want to know of each customer; contacts only as far back as a cap reaches."""
    suppressed: dict[UUID, set[tuple[str, str]]] = {}
    for customer_id, purpose, channel in await connection.fetch(_SUPPRESSED, customer_ids):
        suppressed.setdefault(customer_id, set()).add((purpose, channel))
    complaints: dict[UUID, set[UUID]] = {}
    for customer_id, complaint_id in await connection.fetch(_OPEN, customer_ids):
        complaints.setdefault(customer_id, set()).add(complaint_id)
    contacts: dict[UUID, list[datetime]] = {}
    for customer_id, at in await connection.fetch(_CONTACTS, customer_ids, contacts_after):
        contacts.setdefault(customer_id, []).append(at)
    return {
        each: History(
            frozenset(suppressed.get(each, ())), frozenset(complaints.get(each, ())), tuple(contacts.get(each, ()))
        )
        for each in customer_ids
    }


async def add_contacts(connection: WriteConnection, given: Sequence[tuple[UUID, UUID]], now: datetime) -> None:
    """Count a contact for each (care, customer); the database refuses what would break a cap."""
    if given:
        await connection.execute(_ADD_CONTACTS, [each[0] for each in given], [each[1] for each in given], now)


async def complaint_opened(transaction: Transaction, complaint_id: UUID, customer_id: UUID) -> None:
    """From now on we owe this customer an answer."""
    await execute(transaction, _COMPLAINT, complaint_id, customer_id)


async def complaint_settled(transaction: Transaction, complaint_id: UUID, *, is_open: bool) -> None:
    """A complaint that we know was closed, or opened again."""
    await execute(transaction, _SETTLED, complaint_id, is_open)
