"""Lists of cards: taken from the queue, made into a PDF, printed by people and posted."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from careline.ids import encode, new_id
from careline.objects import ObjectStore
from careline.problems import Conflict, NotFound
from interaction_router.deliveries import outcomes
from interaction_router.deliveries.contents import MAX_ITEMS, Content
from interaction_router.deliveries.judging import AWAY_SECONDS, MISSING_SECONDS, judge
from interaction_router.deliveries.office import Office
from interaction_router.deliveries.printing import Card, print_cards
from interaction_router.deliveries.repository import Ending
from interaction_router.interactions.rows import AnyConnection, Row
from interaction_router.unit import Unit

MAX_CARDS = 2000
MAKING_SECONDS = 120
LOOK_SECONDS = 0.5

_CREATE = "INSERT INTO card_lists (id, created_by, created_at) VALUES ($1, $2, $3)"
_TAKE = """
WITH waiting AS (
    SELECT id FROM deliveries WHERE means = 'card' AND state = 'queued' AND not_before <= $2
    ORDER BY id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE deliveries d SET state = 'listed', version = version + 1, claim = claim + 1, due_at = NULL, list_id = $1
FROM waiting WHERE d.id = waiting.id
"""
_TO_MAKE = """
WITH next AS (
    SELECT id FROM card_lists WHERE state = 'making' AND coalesce(making_until, created_at) <= $1
    ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE card_lists l SET making_until = $2 FROM next WHERE l.id = next.id RETURNING l.*
"""
_CARDS = "SELECT * FROM deliveries WHERE list_id = $1 AND state = 'listed' ORDER BY id"
_UNLIST = """
UPDATE deliveries SET state = 'queued', version = version + 1, list_id = NULL, due_at = $2
WHERE id = ANY($1) AND state = 'listed'
"""
_READY = """
UPDATE card_lists SET state = 'ready', cards = $2, glyphs_missing = $3, making_until = NULL
WHERE id = $1 AND state = 'making'
"""
_POST = "UPDATE card_lists SET state = 'posted', posted_at = $2 WHERE id = $1 AND state = 'ready' RETURNING *"
_SENT = """
UPDATE deliveries SET state = 'sent', version = version + 1, ended_at = $2
WHERE list_id = $1 AND state = 'listed' RETURNING *
"""


class NoCardsWaiting(Conflict):
    """There is nothing to print."""

    type_name = "no-cards-waiting"
    title = "No cards are waiting"


class ListNotReady(Conflict):
    """The list is still being made."""

    type_name = "list-not-ready"
    title = "The list is still being made"


def object_key(list_id: UUID) -> str:
    """Where the PDF of a list is kept."""
    return f"card-lists/{encode('lst', list_id)}.pdf"


async def find(connection: AnyConnection, list_id: UUID) -> Row:
    """One list; NotFound if there is none."""
    row = await connection.fetchrow("SELECT * FROM card_lists WHERE id = $1", list_id)
    if row is None:
        raise NotFound("card list", encode("lst", list_id))
    return row


async def create(unit: Unit, who: str) -> UUID:
    """Take all cards that wait into a new list, whose PDF is made at once by a job."""
    list_id = new_id()
    await unit.connection.execute(_CREATE, list_id, who, unit.now)
    taken = await unit.connection.execute(_TAKE, list_id, unit.business_now, MAX_CARDS)
    if taken == "UPDATE 0":
        raise NoCardsWaiting("Everything that was to be printed is in a list already.")
    return list_id


async def post(unit: Unit, list_id: UUID) -> Row:
    """The cards of a list were brought to the post; a second time changes nothing."""
    row = await unit.connection.fetchrow(_POST, list_id, unit.business_now)
    if row is None:
        row = await find(unit.connection, list_id)
        if row["state"] == "making":
            raise ListNotReady("Wait until its state is `ready`.")
        return row
    for each in await unit.connection.fetch(_SENT, list_id, unit.now):
        payload = outcomes.outcome_of(each, unit.business_now)
        if payload is not None:
            unit.say(payload, encode("dlv", each["id"]), each["version"])
    return row


@dataclass
class CardPress:
    """Makes the PDFs of lists until cancelled."""

    office: Office
    objects: ObjectStore
    fonts: Path | None

    async def run(self) -> None:
        """Look for new lists."""
        while True:
            if not await self.make_next():
                await asyncio.sleep(LOOK_SECONDS)

    async def make_next(self) -> bool:
        """Make one list that nobody else is making; whoever dies over it is followed."""
        now = self.office.units.clock.now()
        async with self.office.units.database.write_raw() as connection:
            found = await connection.fetchrow(_TO_MAKE, now, now + timedelta(seconds=MAKING_SECONDS))
            rows = await connection.fetch(_CARDS, found["id"]) if found else []
        if found is None:
            return False
        cards = await self._cards(rows)
        if cards is None:
            await asyncio.sleep(AWAY_SECONDS)
            return True
        await self._print(found, cards)
        return True

    async def _cards(self, rows: list[Row]) -> list[Card] | None:
        ready: list[tuple[Row, Content]] = []
        for at in range(0, len(rows), MAX_ITEMS):
            batch = await judge(self.office, rows[at : at + MAX_ITEMS], _prepare)
            if batch is None:
                return None
            ready += batch
        kept = {row["id"] for row, _ in ready}
        await self._unlist([row["id"] for row in rows if row["id"] not in kept])
        return [_card(number, row, content) for number, (row, content) in enumerate(ready, start=1)]

    async def _unlist(self, ids: list[UUID]) -> None:
        """What care does not know now may be known later; what has ended has left the list by itself."""
        due_at = self.office.units.clock.now() + timedelta(seconds=MISSING_SECONDS)
        async with self.office.units.database.write_raw() as connection:
            await connection.execute(_UNLIST, ids, due_at)

    async def _print(self, found: Row, cards: list[Card]) -> None:
        title = f"贺卡清单 {found['created_at']:%Y-%m-%d}"
        printed = await asyncio.to_thread(print_cards, encode("lst", found["id"]), title, cards, self.fonts)
        await self.objects.put(object_key(found["id"]), printed.pdf)
        async with self.office.units.database.write_raw() as connection:
            await connection.execute(_READY, found["id"], len(cards), printed.glyphs_missing)


def _prepare(row: Row, content: Content) -> tuple[Row, Content] | Ending:
    if content.postal_address is None or not content.postal_address.lines:
        return Ending(row["id"], row["claim"], "failed", "no_address")
    return row, content


def _card(number: int, row: Row, content: Content) -> Card:
    address = content.postal_address
    last = " ".join(part for part in (address.postcode, address.country) if part) if address else ""
    return Card(
        number=number,
        name=content.to.name if content.to else "",
        address=[*(address.lines if address else []), *([last] if last else [])],
        occasion=row["occasion"],
        subject=content.subject or "",
        text=(content.text or "").splitlines(),
    )
