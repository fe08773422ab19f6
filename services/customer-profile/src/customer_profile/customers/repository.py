"""Statements on customers."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from careline.database import ReadConnection, Transaction, WriteConnection
from careline.statements import execute

_INSERT = """
INSERT INTO customers (id, name, salutation, language, tier, lifecycle, birthday, flags, postal_address, version,
                       created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb, 0, $10, $10)
"""

_ONE = """
SELECT id, name, salutation, language, tier, lifecycle, birthday, flags, postal_address, owner_id, version, created_at,
       updated_at
FROM customers WHERE id = $1
"""

# Only these can be changed, so that no caller's text ever becomes part of a statement.
_CHANGE = {
    "name": "UPDATE customers SET name = $2 WHERE id = $1",
    "salutation": "UPDATE customers SET salutation = $2 WHERE id = $1",
    "language": "UPDATE customers SET language = $2 WHERE id = $1",
    "tier": "UPDATE customers SET tier = $2 WHERE id = $1",
    "birthday": "UPDATE customers SET birthday = $2::jsonb WHERE id = $1",
    "flags": "UPDATE customers SET flags = $2::jsonb WHERE id = $1",
    "postal_address": "UPDATE customers SET postal_address = $2::jsonb WHERE id = $1",
    "owner_id": "UPDATE customers SET owner_id = $2 WHERE id = $1",
}
_JSON = ("birthday", "flags", "postal_address")


async def insert(
    transaction: Transaction,
    customer_id: UUID,
    *,
    name: str,
    language: str,
    tier: str,
    lifecycle: str,
    now: datetime,
    salutation: str | None = None,
    birthday: Mapping[str, Any] | None = None,
    flags: list[dict[str, Any]] | None = None,
    postal_address: Mapping[str, Any] | None = None,
) -> None:
    """Add a customer; its version is advanced by the events that are told of it."""
    await execute(
        transaction,
        _INSERT,
        customer_id,
        name,
        salutation,
        language,
        tier,
        lifecycle,
        json.dumps(birthday) if birthday else None,
        json.dumps(flags or []),
        json.dumps(postal_address) if postal_address else None,
        now,
    )


async def find(
    connection: ReadConnection | WriteConnection, customer_id: UUID, *, locked: bool = False
) -> dict[str, Any] | None:
    """The customer's row, locked until the transaction ends if asked for."""
    row = await connection.fetchrow(_ONE + (" FOR NO KEY UPDATE" if locked else ""), customer_id)
    if row is None:
        return None
    found = dict(row)
    return found | {name: json.loads(found[name]) if found[name] else None for name in _JSON}


async def change(connection: WriteConnection, customer_id: UUID, fields: Mapping[str, Any]) -> None:
    """Set some fields of a customer."""
    for name, value in fields.items():
        stored = json.dumps(value) if name in _JSON and value is not None else value
        await connection.execute(_CHANGE[name], customer_id, stored)
