"""Registering products."""

from datetime import date
from typing import Any

from careline.ids import encode, new_id
from careline.problems import InvalidInput
from customer_profile.context import Work
from customer_profile.events import ProductRegistered
from customer_profile.inputs import EARLIEST
from customer_profile.ledger import tell
from customer_profile.products import repository
from customer_profile.products.schemas import Product, ProductInput
from customer_profile.products.warranty import warranty_state
from customer_profile.timeline import repository as timeline


async def register(work: Work, body: ProductInput, today: date) -> Product:
    """Add a product to its owner and to the owner's timeline; its warranty is told as of `today`."""
    product_id = new_id()
    event = ProductRegistered(customer_id=body.customer_id, product_id=product_id, purchase_id=body.purchase_id)
    await tell(work.connection, work.outbox, body.customer_id, [event], work.now)
    if body.purchase_id is not None and not await repository.purchase_is_of(
        work.connection, body.purchase_id, body.customer_id
    ):
        raise InvalidInput("purchase_id", "not a purchase of this customer", "Leave it out if it is not known.")
    await repository.insert(work.connection, product_id, body, work.now)
    await timeline.put(work.connection, _entry(product_id, body, work))
    return Product(
        id=product_id,
        **body.model_dump(),
        warranty_state=warranty_state(body.warranty_ends_on, today),
        registered_at=work.now,
    )


def _entry(product_id: Any, body: ProductInput, work: Work) -> timeline.Entry:
    return timeline.Entry(
        id=product_id,
        stated_customer_id=body.customer_id,
        visitor=None,
        kind="product",
        occurred_at=EARLIEST.replace(body.bought_on.year, body.bought_on.month, body.bought_on.day)
        if body.bought_on
        else work.now,
        title_key="timeline.product.registered",
        facts={"product_id": encode("pro", product_id), "name": body.name},
        source="profile",
        identity="verified",
        sequence=0,
    )
