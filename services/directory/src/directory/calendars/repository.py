"""SQL about business calendars."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on

from careline.database import ReadSession, WriteSession
from directory.calendars.models import CalendarRow


async def newest(session: ReadSession | WriteSession) -> Sequence[CalendarRow]:
    """The newest version of every calendar, by key; a company has few."""
    statement = (
        select(CalendarRow).ext(distinct_on(CalendarRow.key)).order_by(CalendarRow.key, CalendarRow.version.desc())
    )
    return (await session.scalars(statement)).all()


async def newest_of(session: ReadSession | WriteSession, key: str) -> CalendarRow | None:
    """The newest version of one calendar."""
    statement = select(CalendarRow).where(CalendarRow.key == key).order_by(CalendarRow.version.desc()).limit(1)
    return (await session.scalars(statement)).one_or_none()


async def find(session: ReadSession, key: str, version: int) -> CalendarRow | None:
    """One version of one calendar."""
    return await session.get(CalendarRow, (key, version))


async def take_turns(session: WriteSession, key: str) -> None:
    """Wait until nobody else makes a version of this calendar; until the transaction ends."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))"), {"key": key})
