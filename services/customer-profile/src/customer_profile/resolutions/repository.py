"""Statements of resolutions that are not about identifiers alone."""

from uuid import UUID

import asyncpg

from careline.database import WriteConnection

_SUMMARY = "SELECT name, tier, language FROM customers WHERE id = $1"


async def summary(connection: WriteConnection, customer_id: UUID) -> asyncpg.Record | None:
    """What a contact's channel may know of the customer."""
    return await connection.fetchrow(_SUMMARY, customer_id)
