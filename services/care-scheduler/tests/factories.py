"""Customers, care, and a profile and a feedback that the tests tell what to answer: they are other services."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, cast
from uuid import UUID

import httpx

from care_scheduler.contents.feedback import Feedback, Said
from care_scheduler.events import CATALOGUE
from care_scheduler.gates.model import Facts
from care_scheduler.gates.profile import Profile
from care_scheduler.items.outcomes import deliveries, floods
from care_scheduler.items.scheduler import Scheduler
from careline.clock import FixedClock
from careline.database import Database
from careline.events import Event
from careline.ids import new_id
from careline.outbox import Outbox
from careline.testing.issuer import TestIssuer
from careline.wakeups import Wakeup

# Ten in the morning in Shanghai.
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ALL = {(purpose, channel): "granted" for purpose in ("marketing", "survey") for channel in ("mail", "phone", "letter")}

ALL_SCOPES = ["care:read", "care:write", "care:contents", "board:read"]

_INSERT = """
INSERT INTO care_items (id, customer_id, occasion, occasion_key, purpose, reference, due_at, not_after, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $7)
"""


def some_facts(customer_id: UUID | None = None, **changed: Any) -> Facts:
    """A customer who can be reached by all means and allows everything."""
    facts = Facts(
        customer_id=customer_id or new_id(),
        name="李雷",
        salutation="先生",
        language="zh-CN",
        tier="regular",
        time_zone="Asia/Shanghai",
        time_zone_known=True,
        quiet_from=time(21),
        quiet_to=time(8),
        preferred_channel=None,
        mail="li@customer.example",
        phone="+8613800138000",
        postal_address={"lines": ["人民路1号"], "postcode": "200000", "country": "CN"},
        consents=ALL,
        warranties={"pro_1": ("Kettle K2", date(2026, 12, 23))},
    )
    return replace(facts, **changed)


@dataclass
class ToldProfile:
    """Answers as the profile does, with what the test told it."""

    known: dict[UUID, Facts] = field(default_factory=dict)
    away: bool = False
    asked: int = 0
    meanwhile: Callable[[], Awaitable[None]] | None = None

    def knows(self, **changed: Any) -> Facts:
        """One more customer."""
        facts = some_facts(**changed)
        self.known[facts.customer_id] = facts
        return facts

    def learns(self, customer_id: UUID, **changed: Any) -> None:
        """Something about a customer has changed."""
        self.known[customer_id] = replace(self.known[customer_id], **changed)

    async def facts(self, customer_ids: Sequence[UUID]) -> dict[UUID, Facts]:
        """What is known of these customers."""
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("away")
        found = {each: self.known[each] for each in customer_ids if each in self.known}
        if self.meanwhile is not None:
            await self.meanwhile()
        return found

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class ToldFeedback:
    """Answers as feedback does."""

    said: dict[str, Said] = field(default_factory=dict)

    async def contents(self, references: Sequence[str]) -> dict[str, Said]:
        """What is to be said about these references."""
        return {each: self.said[each] for each in references if each in self.said}

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Judging:
    """The database of the care scheduler and what surrounds it."""

    database: Database
    clock: FixedClock
    profile: ToldProfile
    feedback: ToldFeedback

    async def plan(
        self,
        customer_id: UUID,
        occasion: str = "birthday",
        key: str = "2026",
        *,
        purpose: str = "marketing",
        reference: str | None = None,
        due: timedelta = timedelta(),
        valid: timedelta = timedelta(hours=12),
    ) -> UUID:
        """Care that is due `due` from now."""
        care_id = new_id()
        due_at = self.clock.now() + due
        async with self.database.write_raw() as connection:
            await connection.execute(
                _INSERT, care_id, customer_id, occasion, key, purpose, reference, due_at, due_at + valid
            )
        return care_id

    async def item(self, care_id: UUID) -> dict[str, Any]:
        """A care item as it is kept."""
        async with self.database.read_raw() as connection:
            row = await connection.fetchrow("SELECT * FROM care_items WHERE id = $1", care_id)
        assert row is not None
        return dict(row) | {"verdicts": json.loads(row["verdicts"])}

    async def states(self) -> dict[UUID, str]:
        """The state of all care."""
        async with self.database.read_raw() as connection:
            return {row["id"]: row["state"] for row in await connection.fetch("SELECT id, state FROM care_items")}

    async def judged(self, *care_ids: UUID) -> list[dict[str, Any]]:
        """These items once the loop has judged them."""

        async def done() -> bool:
            return all([(await self.item(each))["judged_at"] is not None for each in care_ids])

        await eventually(done)
        return [await self.item(each) for each in care_ids]

    async def hear(self, aggregate: str, kind: str, aggregate_id: str, **data: Any) -> None:
        """Let an event of another service have its effect, as the consumer does."""
        event = Event(new_id(), kind, aggregate, aggregate_id, 1, self.clock.now(), data)
        async with self.database.write_raw() as connection:
            parts = (Outbox(CATALOGUE), self.clock, self.clock)
            if kind in (many := floods(*parts)):
                await many[kind](connection, [event])
            else:
                await deliveries(*parts)[kind](connection, event)

    async def events(self) -> list[dict[str, Any]]:
        """All events so far, in order."""
        async with self.database.read_raw() as connection:
            rows = await connection.fetch(
                "SELECT payload FROM outbox UNION ALL SELECT payload FROM outbox_archive ORDER BY 1"
            )
        found = [json.loads(row["payload"]) for row in rows]
        return sorted(found, key=lambda event: (event["subject"], event["sequence"]))


@dataclass
class House(Judging):
    """The running care scheduler."""

    client: httpx.AsyncClient
    issuer: TestIssuer


def some_scheduler(database: Database, judging: Judging) -> Scheduler:
    """A scheduler that no loop runs."""
    return Scheduler(
        database,
        Outbox(CATALOGUE),
        judging.clock,
        judging.clock,
        cast("Profile", judging.profile),
        cast("Feedback", judging.feedback),
        company="Careline",
        planned=Wakeup(),
    )


def most_in_any_window(times: Sequence[datetime], days: int) -> int:
    """The largest number of moments in any window of so many days of 24 hours."""
    length = timedelta(days=days)
    return max((sum(1 for each in times if first <= each < first + length) for first in times), default=0)


async def eventually(holds: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    """Wait until it holds."""
    async with asyncio.timeout(seconds):
        while not await holds():
            await asyncio.sleep(0.02)


def gate(item: dict[str, Any], name: str) -> dict[str, Any]:
    """What a gate said in the newest judgement."""
    found: dict[str, Any] = next(each for each in item["verdicts"][-1]["gates"] if each["gate"] == name)
    return found
