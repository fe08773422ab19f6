"""Statements on care items: claimed under a lease, judged, shown."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from care_scheduler.contents.rendering import Content
from care_scheduler.gates.model import Item, Judgement
from careline.database import WriteConnection

LEASE_SECONDS: Final = 30.0

_COLUMNS: Final = "id, customer_id, occasion, occasion_key, purpose, reference, due_at, not_after"

# Whatever is due, however late; rows that another process is at are passed over.
_CLAIM = """
WITH due AS (
    SELECT id FROM care_items
    WHERE state IN ('planned', 'held') AND due_at <= $1
      AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())
    ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE care_items i SET claim_token = $3, claimed_until = clock_timestamp() + make_interval(secs => $4)
FROM due WHERE i.id = due.id
RETURNING i.id, i.customer_id, i.occasion, i.occasion_key, i.purpose, i.reference, i.due_at, i.not_after
"""
_GIVE_BACK = "UPDATE care_items SET claim_token = NULL, claimed_until = NULL WHERE claim_token = $1"
# A process that was frozen and wakes up finds its token gone, and decides nothing.
_STILL_OURS = """
SELECT id, version FROM care_items WHERE claim_token = $1 AND id = ANY($2::uuid[]) AND state IN ('planned', 'held')
ORDER BY id FOR UPDATE
"""
# The claim stays: they are looked at again when its lease is over, so that a fault that passes has time to pass.
_STUMBLED = """
UPDATE care_items SET stumbles = stumbles + 1
WHERE claim_token = $1 AND id = ANY($2::uuid[]) AND state IN ('planned', 'held')
RETURNING id, stumbles, version
"""
_WAITING = f"""
SELECT {_COLUMNS} FROM care_items
WHERE customer_id = ANY($1::uuid[]) AND state IN ('planned', 'held') AND due_at <= $2
"""  # noqa: S608 -- columns from above
_DECIDE = """
UPDATE care_items i
SET state = given.state, means = given.means, cell = given.cell, gate = given.gate, judged_at = $8,
    verdicts = i.verdicts || given.judgement, due_at = coalesce(given.until, i.due_at),
    claim_token = NULL, claimed_until = NULL, stumbles = 0, version = i.version + 1
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::jsonb[], $7::timestamptz[])
    AS given (id, state, means, cell, gate, judgement, until)
WHERE i.id = given.id
"""
_KEEP_CONTENTS = """
INSERT INTO care_contents
    (care_id, language, subject, text, script, template_key, template_version, rendered_at)
SELECT given.*, $8
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[]) AS given
"""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about an item."""

    item: Item
    judgement: Judgement
    state: str
    cell: str | None
    content: Content | None


def item_of(row: Any) -> Item:
    """The item in a row."""
    return Item(*(row[name] for name in _COLUMNS.split(", ")))


async def claim(connection: WriteConnection, now: datetime, token: UUID, limit: int) -> list[Item]:
    """Take up to `limit` items that are due, for as long as the lease lasts."""
    return [item_of(row) for row in await connection.fetch(_CLAIM, now, limit, token, LEASE_SECONDS)]


async def give_back(connection: WriteConnection, token: UUID) -> None:
    """Let others have what was claimed."""
    await connection.execute(_GIVE_BACK, token)


async def still_ours(connection: WriteConnection, token: UUID, ids: Sequence[UUID]) -> dict[UUID, int]:
    """The versions of those items that are still claimed by us, held until the transaction ends."""
    return {row["id"]: row["version"] for row in await connection.fetch(_STILL_OURS, token, ids)}


async def stumbled(connection: WriteConnection, token: UUID, ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Count that no decision was possible; how often each has stumbled, and its version."""
    rows = await connection.fetch(_STUMBLED, token, ids)
    return {row["id"]: (row["stumbles"], row["version"]) for row in rows}


async def waiting(connection: WriteConnection, customer_ids: Sequence[UUID], before: datetime) -> list[Item]:
    """All care of these customers that is still to come before a moment."""
    return [item_of(row) for row in await connection.fetch(_WAITING, customer_ids, before)]


async def decide(connection: WriteConnection, decisions: Sequence[Decision], now: datetime) -> None:
    """Keep the verdicts and move the items on."""
    await connection.execute(
        _DECIDE,
        [each.item.id for each in decisions],
        [each.state for each in decisions],
        [each.judgement.means for each in decisions],
        [each.cell for each in decisions],
        [_gate(each.judgement) for each in decisions],
        [kept("judged", each.judgement, now) for each in decisions],
        [each.judgement.until if each.state == "held" else None for each in decisions],
        now,
    )


async def keep_contents(connection: WriteConnection, decisions: Sequence[Decision], now: datetime) -> None:
    """Keep what is to be sent until it has an outcome."""
    contents = [(each.item.id, each.content) for each in decisions if each.content is not None]
    if contents:
        await connection.execute(
            _KEEP_CONTENTS,
            [care_id for care_id, _ in contents],
            [it.language for _, it in contents],
            [it.texts.subject for _, it in contents],
            [it.texts.text for _, it in contents],
            [it.texts.script for _, it in contents],
            [it.template_key for _, it in contents],
            [it.template_version for _, it in contents],
            now,
        )


def kept(occasion: str, judgement: Judgement, now: datetime) -> str:
    """One judgement as it is added to the item's, as JSON."""
    said = {
        "at": now.isoformat(),
        "when": occasion,
        "outcome": judgement.outcome,
        "gates": [verdict.as_json() for verdict in judgement.verdicts],
    }
    return json.dumps([said], ensure_ascii=False)


def _gate(judgement: Judgement) -> str | None:
    deciding = judgement.deciding
    return deciding.gate if deciding else None
