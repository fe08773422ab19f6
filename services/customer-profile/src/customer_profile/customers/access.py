"""The one way to a customer on behalf of a caller: unknown and forbidden look the same."""

from uuid import UUID

from careline.database import ReadConnection, WriteConnection
from careline.ids import encode
from careline.problems import NotFound

_EXISTS = "SELECT 1 FROM customers WHERE id = $1"


async def existing_customer(connection: ReadConnection | WriteConnection, customer_id: UUID) -> UUID:
    """The customer's id, or NotFound."""
    if await connection.fetchval(_EXISTS, customer_id) is None:
        raise NotFound("customer", encode("cus", customer_id))
    return customer_id
