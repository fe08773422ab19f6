"""The cap over all care, and who gets the last place when several compete for it. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from care_scheduler.gates.model import Cap, Item


@dataclass(frozen=True, slots=True)
class Contender:
    """Care that would go to one customer at a moment, were it not for the cap."""

    item: Item
    priority: int
    at: datetime

    @property
    def rank(self) -> tuple[Any, ...]:
        """Lower goes first: priority of the cell (class and tier), what expires soonest, then fixed for good."""
        item = self.item
        return (-self.priority, item.not_after, item.due_at, item.occasion, item.id.int)


@dataclass(frozen=True, slots=True)
class Place:
    """Whether a contender has a place; without one, which cap refuses it and who was ahead."""

    admitted: bool
    cap: Cap | None = None
    used: int = 0
    ahead: tuple[UUID, ...] = ()


def broken_by(moment: datetime, others: Iterable[datetime], caps: Sequence[Cap]) -> Cap | None:
    """The first cap that a contact at `moment` beside `others` would break in any window that holds it."""
    times = sorted([moment, *others])
    for cap in caps:
        length = timedelta(days=cap.days)
        for first in times:
            if first > moment or first <= moment - length:
                continue
            if sum(1 for each in times if first <= each < first + length) > cap.at_most:
                return cap
    return None


def longest(caps: Sequence[Cap]) -> timedelta:
    """How far back and ahead the caps look."""
    return timedelta(days=max((cap.days for cap in caps), default=0))


def places(contacts: Sequence[datetime], contenders: Iterable[Contender], caps: Sequence[Cap]) -> dict[UUID, Place]:
    """Who gets a place, by rank alone: neither the order of arrival nor of due times decides.

    All that is known to compete is looked at together, also what is due later: a greeting does not take the place of
    the more important letter of the day after tomorrow.
    """
    taken = list(contacts)
    admitted: list[Contender] = []
    found: dict[UUID, Place] = {}
    for contender in sorted(contenders, key=lambda each: each.rank):
        cap = broken_by(contender.at, taken, caps)
        if cap is None:
            taken.append(contender.at)
            admitted.append(contender)
            found[contender.item.id] = Place(admitted=True)
            continue
        length = timedelta(days=cap.days)
        found[contender.item.id] = Place(
            admitted=False,
            cap=cap,
            used=sum(1 for each in contacts if abs(each - contender.at) < length),
            ahead=tuple(each.item.id for each in admitted if abs(each.at - contender.at) < length),
        )
    return found
