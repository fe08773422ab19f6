"""An occasion as planning sees it."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any, Literal

from care_scheduler.calendars.birthdays import Policies
from care_scheduler.calendars.tables import known_through, solar_terms

Purpose = Literal["marketing", "survey", "service"]
Key = Literal[
    "birthday",
    "mid_autumn",
    "great_cold",
    "three_months",
    "purchase_overdue",
    "warranty_ending",
    "follow_up",
    "complaint_acknowledged",
    "complaint_answered",
    "complaint_check",
]
# Planned from dates; the others are triggered by events.
DATED: tuple[Key, ...] = (
    "birthday",
    "mid_autumn",
    "great_cold",
    "three_months",
    "purchase_overdue",
    "warranty_ending",
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What care is given for, and by which rules."""

    key: Key
    purpose: Purpose
    send_time: time
    lead_days: int
    valid_hours: int
    policies: Policies
    customers_only: bool
    active: bool
    version: int

    @property
    def valid(self) -> timedelta:
        """How long after its time an item may still be sent."""
        return timedelta(hours=self.valid_hours)


def from_row(row: Any) -> Occasion:
    """The occasion in a row of the table."""
    return Occasion(
        key=row["key"],
        purpose=row["purpose"],
        send_time=row["send_time"],
        lead_days=row["lead_days"],
        valid_hours=row["valid_hours"],
        policies=Policies(row["leap_month_policy"], row["day_30_policy"], row["feb_29_policy"]),
        customers_only=row["customers_only"],
        active=row["active"],
        version=row["version"],
    )


def calendar_known_through(key: Key) -> date | None:
    """The last day for which the calendar of an occasion is shipped; None where no table is needed."""
    if key == "great_cold":
        return max(solar_terms().values())
    return known_through() if key in {"birthday", "mid_autumn"} else None
