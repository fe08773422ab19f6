"""Calendars as the directory published them; each version is kept for the complaints that are pinned to it."""

import json
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from careline.business_hours import Calendar, Hours
from feedback.context import Row, Work

# Before the directory has published any calendar, every hour counts: nobody waits longer than was promised.
ALWAYS: Final = "always"
_WEEK: Final = json.dumps([{"weekday": day, "from": "00:00", "to": "24:00"} for day in range(1, 8)])

_COLUMNS = "key, version, time_zone, weekly, closed_on, open_on, known_through"
_NEWEST = f"""
SELECT {_COLUMNS} FROM calendars
ORDER BY key = $1 DESC, key <> '{ALWAYS}' DESC, key = 'company' DESC, key, version DESC LIMIT 1
"""  # noqa: S608 -- constants of this module
_EXACT = f"SELECT {_COLUMNS} FROM calendars WHERE key = $1 AND version = $2"  # noqa: S608
_KEEP = """
INSERT INTO calendars (key, version, time_zone, weekly, closed_on, open_on, known_through)
VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Pinned:
    """One version of one calendar."""

    key: str
    version: int
    calendar: Calendar


async def newest(work: Work, key: str | None) -> Pinned:
    """The newest version of the calendar, or of the company's if that one is not known."""
    row = await work.row(_NEWEST, key)
    if row is None:
        await work.execute(_KEEP, ALWAYS, 1, "UTC", _WEEK, [], [], None)
        row = await work.row(_NEWEST, key)
        assert row is not None  # noqa: S101 -- it was kept in this transaction
    return _pinned(row)


async def exact(work: Work, key: str, version: int) -> Pinned:
    """The version that a complaint is pinned to."""
    row = await work.row(_EXACT, key, version)
    if row is None:
        raise LookupError(f"calendar {key} has no version {version}")
    return _pinned(row)


async def keep(work: Work, key: str, version: int, said: dict[str, Any]) -> None:
    """Keep one version as the directory said it."""
    await work.execute(
        _KEEP,
        key,
        version,
        said["time_zone"],
        json.dumps(said["weekly"]),
        _dates(said["closed_on"]),
        _dates(said["open_on"]),
        date.fromisoformat(said["known_through"]) if said["known_through"] else None,
    )


def _pinned(row: Row) -> Pinned:
    weekly = row["weekly"] if isinstance(row["weekly"], list) else json.loads(row["weekly"])
    calendar = Calendar(
        time_zone=row["time_zone"],
        weekly=tuple(Hours(each["weekday"], _clock(each["from"]), _clock(each["to"])) for each in weekly),
        closed_on=frozenset(row["closed_on"]),
        open_on=frozenset(row["open_on"]),
        known_through=row["known_through"],
    )
    return Pinned(row["key"], row["version"], calendar)


def _clock(text: str) -> time:
    """The end of a day is written 24:00 and stands as 00:00 in a closing time."""
    return time(0) if text == "24:00" else time.fromisoformat(text)


def _dates(texts: list[str]) -> list[date]:
    return [date.fromisoformat(text) for text in texts]
