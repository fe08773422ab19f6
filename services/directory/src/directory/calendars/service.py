"""Making versions of business calendars."""

from datetime import date, datetime
from typing import Any

from careline.database import ReadSession, WriteSession
from careline.outbox import Outbox
from careline.problems import InvalidInput, NotFound
from directory.calendars import repository
from directory.calendars.events import CalendarChanged
from directory.calendars.holidays import UnknownCountryError, known_holidays
from directory.calendars.models import CalendarRow
from directory.calendars.schemas import BusinessCalendar, CalendarInput


async def make_version(
    session: WriteSession, outbox: Outbox, key: str, body: CalendarInput, *, today: date, now: datetime
) -> CalendarRow:
    """The calendar's next version; the newest one if it says the same already."""
    content = _content(body, today)
    await repository.take_turns(session, key)
    newest = await repository.newest_of(session, key)
    if newest is not None and all(getattr(newest, name) == value for name, value in content.items()):
        return newest
    row = CalendarRow(key=key, version=newest.version + 1 if newest else 1, made_at=now, **content)
    session.add(row)
    await session.flush()
    event = CalendarChanged(
        key=row.key,
        version=row.version,
        time_zone=row.time_zone,
        weekly=body.weekly,
        closed_on=row.closed_on,
        open_on=row.open_on,
        known_through=row.known_through,
    )
    await outbox.append(session, event, aggregate_id=key, sequence=row.version, occurred_at=now)
    return row


async def renew(session: WriteSession, outbox: Outbox, *, today: date, now: datetime) -> list[str]:
    """Make a version of every calendar whose country's holidays are known better now; the keys of those."""
    renewed = []
    for row in await repository.newest(session):
        body = CalendarInput(
            name=row.name,
            time_zone=row.time_zone,
            country=row.country,
            weekly=row.weekly,
            closed_on=frozenset(row.own_closed_on),
            open_on=frozenset(row.own_open_on),
        )
        made = await make_version(session, outbox, row.key, body, today=today, now=now)
        if made.version > row.version:
            renewed.append(row.key)
    return renewed


async def get(session: ReadSession, key: str, version: int | None = None) -> CalendarRow:
    """One version, the newest if none is named; NotFound otherwise."""
    row = await (repository.newest_of(session, key) if version is None else repository.find(session, key, version))
    if row is None:
        raise NotFound("calendar", key if version is None else f"{key} version {version}")
    return row


def shown(row: CalendarRow, today: date) -> BusinessCalendar:
    """The version as it looks outside on a business day."""
    return BusinessCalendar(
        key=row.key,
        version=row.version,
        name=row.name,
        time_zone=row.time_zone,
        country=row.country,
        weekly=row.weekly,
        closed_on=row.closed_on,
        open_on=row.open_on,
        known_through=row.known_through,
        calendar_known=row.known_through is None or today <= row.known_through,
        made_at=row.made_at,
    )


def _content(body: CalendarInput, today: date) -> dict[str, Any]:
    closed, opened, known_through = frozenset[date](), frozenset[date](), None
    if body.country is not None:
        try:
            known = known_holidays(body.country, today)
        except UnknownCountryError:
            hint = "Use a code of ISO 3166 such as CN or GB-ENG, or name the days yourself."
            raise InvalidInput("country", "no holidays are known of it", hint) from None
        closed, opened, known_through = known.closed_on, known.open_on, known.known_through
    # What an administrator names wins over what the country does.
    return {
        "name": body.name,
        "time_zone": body.time_zone,
        "country": body.country,
        "weekly": [hours.model_dump(mode="json") for hours in body.weekly],
        "own_closed_on": sorted(body.closed_on),
        "own_open_on": sorted(body.open_on),
        "closed_on": sorted(closed - body.open_on | body.closed_on),
        "open_on": sorted((opened - closed | body.open_on) - body.closed_on),
        "known_through": known_through,
    }
