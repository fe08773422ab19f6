"""Makes deliveries and reads what became of them."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from careline.ids import encode, new_id
from interaction_router.deliveries import repository
from interaction_router.deliveries.repository import NewDelivery

from ..factories import Router


async def due(
    router: Router,
    count: int = 1,
    *,
    purpose: str = "marketing",
    means: str = "mail",
    reference: str | None = None,
    hours: float = 1000,
) -> list[UUID]:
    """What care wants delivered now; the ids of care."""
    now = router.units.business_clock.now()
    ids = [new_id() for _ in range(count)]
    async with router.units.database.write_raw() as connection:
        news = [
            NewDelivery(care_id, new_id(), "birthday", purpose, means, reference, now, now + timedelta(hours=hours))
            for care_id in ids
        ]
        await repository.insert(connection, news, router.units.clock.now())
    return ids


async def states(router: Router, ids: Sequence[UUID]) -> list[str]:
    rows = await router.fetch("SELECT care_id, state FROM deliveries WHERE care_id = ANY($1)", list(ids))
    found = {row["care_id"]: row["state"] for row in rows}
    return [found[each] for each in ids]


async def state(router: Router, care_id: UUID) -> str:
    return (await states(router, [care_id]))[0]


async def said(router: Router, care_id: UUID) -> list[str]:
    """What was said of a delivery, in order."""
    delivery_id = await router.value("SELECT id FROM deliveries WHERE care_id = $1", care_id)
    return [kind for kind, _ in await router.events(encode("dlv", delivery_id))]


async def facts(router: Router, care_id: UUID) -> dict[str, object]:
    """The facts of the last thing said of a delivery."""
    delivery_id = await router.value("SELECT id FROM deliveries WHERE care_id = $1", care_id)
    return (await router.events(encode("dlv", delivery_id)))[-1][1]
