"""The warranty of a product on a given day; a pure function of two dates."""

from datetime import date, timedelta
from typing import Final, Literal

WarrantyState = Literal["active", "ends_soon", "ended", "none"]

SOON: Final = timedelta(days=30)


def warranty_state(ends_on: date | None, today: date) -> WarrantyState:
    """Whether service is free: the last day counts; for the last thirty days it says so."""
    if ends_on is None:
        return "none"
    if ends_on < today:
        return "ended"
    return "ends_soon" if ends_on - today <= SOON else "active"
