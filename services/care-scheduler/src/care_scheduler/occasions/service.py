"""Reading and changing occasions."""

from care_scheduler.context import Work
from care_scheduler.occasions import repository
from care_scheduler.occasions.model import DATED, Key, Occasion, calendar_known_through
from care_scheduler.occasions.schemas import OccasionInput, OccasionView
from care_scheduler.plans.days import earliest_day, horizon
from care_scheduler.versions import check_match


async def change(work: Work, key: Key, body: OccasionInput, if_match: str | None) -> OccasionView:
    """Give an occasion new rules; what is planned and not yet acted upon is planned anew by them."""
    before = await repository.locked(work, key)
    check_match(if_match, before.version)
    after = await repository.change(work, key, body)
    if key in DATED:
        first = earliest_day(work.now, max(before.valid, after.valid))
        await repository.plan_anew(work, key, work.now, first, horizon(work.now))
    return shown(after)


def shown(occasion: Occasion) -> OccasionView:
    """An occasion as it goes out."""
    return OccasionView(
        key=occasion.key,
        purpose=occasion.purpose,
        send_time=occasion.send_time,
        lead_days=occasion.lead_days,
        valid_hours=occasion.valid_hours,
        leap_month_policy=occasion.policies.leap_month,
        day_30_policy=occasion.policies.day_30,
        feb_29_policy=occasion.policies.feb_29,
        customers_only=occasion.customers_only,
        active=occasion.active,
        calendar_known_through=calendar_known_through(occasion.key),
        version=occasion.version,
    )
