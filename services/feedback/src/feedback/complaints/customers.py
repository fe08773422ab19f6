"""What others know of a complainant. They may be away: a complaint is recorded all the same."""

from typing import cast
from uuid import UUID

from starlette.requests import HTTPConnection

from feedback.sampling import customers
from feedback.sampling.customers import NoSuchCustomerError, ProfileClient


async def tier_of(http: HTTPConnection, customer_id: UUID | None) -> str | None:
    """The customer's tier, which decides what was promised; None if nobody knows it now."""
    profile = cast("ProfileClient | None", getattr(http.state, "profile", None))
    if customer_id is None or profile is None:
        return None
    try:
        known = await customers.read(profile, customer_id)
    except NoSuchCustomerError:
        return None
    return known.tier if known else None
