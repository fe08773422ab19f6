"""Statements on preferences, which are columns of the customer."""

from typing import Any
from uuid import UUID

from careline.database import ReadConnection, WriteConnection
from customer_profile.preferences.schemas import PreferencesInput

_FIND = "SELECT preferred_channel AS channel, time_zone, quiet_from, quiet_to FROM customers WHERE id = $1"

_REPLACE = """
UPDATE customers SET preferred_channel = $2, time_zone = $3, quiet_from = $4, quiet_to = $5 WHERE id = $1
"""


async def find(connection: ReadConnection, customer_id: UUID) -> dict[str, Any] | None:
    """The customer's preferences, or None without a customer."""
    row = await connection.fetchrow(_FIND, customer_id)
    return None if row is None else dict(row)


async def replace(connection: WriteConnection, customer_id: UUID, wanted: PreferencesInput) -> None:
    """Set all preferences of the customer."""
    await connection.execute(
        _REPLACE, customer_id, wanted.channel, wanted.time_zone, wanted.quiet_from, wanted.quiet_to
    )
