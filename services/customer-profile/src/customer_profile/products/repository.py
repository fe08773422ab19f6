"""Statements on products."""

from typing import Any
from uuid import UUID

from careline.database import ReadConnection, WriteConnection
from customer_profile.products.schemas import ProductInput

_INSERT = """
INSERT INTO products (id, customer_id, name, sku, serial, bought_on, warranty_ends_on, purchase_id, registered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_OF_CUSTOMER = """
SELECT id, customer_id, name, sku, serial, bought_on, warranty_ends_on, purchase_id, registered_at FROM products
WHERE customer_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3
"""

_PURCHASE_IS_OF = "SELECT 1 FROM purchases WHERE id = $1 AND customer_id = $2"


async def insert(connection: WriteConnection, product_id: UUID, body: ProductInput, now: Any) -> None:
    """Add a product."""
    await connection.execute(
        _INSERT,
        product_id,
        body.customer_id,
        body.name,
        body.sku,
        body.serial,
        body.bought_on,
        body.warranty_ends_on,
        body.purchase_id,
        now,
    )


async def purchase_is_of(connection: WriteConnection, purchase_id: UUID, customer_id: UUID) -> bool:
    """Whether the customer made the purchase."""
    return await connection.fetchval(_PURCHASE_IS_OF, purchase_id, customer_id) is not None


async def page(connection: ReadConnection, customer_id: UUID, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """Products of a customer, newest first; one more than `limit` tells that there is a next page."""
    return [dict(row) for row in await connection.fetch(_OF_CUSTOMER, customer_id, after, limit + 1)]
