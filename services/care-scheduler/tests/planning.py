"""Mirrored customers and what is planned for them."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from care_scheduler.customers import repository as customers
from care_scheduler.customers.facts import PlanFacts
from care_scheduler.plans.days import horizon
from care_scheduler.plans.planner import Planner
from careline.clock import FixedClock
from careline.database import Database
from careline.ids import encode, new_id

DEFAULT_ZONE = "Asia/Shanghai"

# Another planner may hold what this one passed over.
_LEFT = """
SELECT EXISTS (SELECT FROM care_customers WHERE changed_at IS NOT NULL) OR EXISTS (
    SELECT FROM plan_progress JOIN occasions ON key = occasion
    WHERE run_from IS NOT NULL OR (active AND coalesce(planned_until < $1, true)))
"""


def plan_facts(customer_id: UUID | None = None, **fields: Any) -> PlanFacts:
    """What the profile says of a customer of whom nothing is known that could be planned."""
    body = {
        "customer_id": encode("cus", customer_id or new_id()),
        "version": 1,
        "lifecycle": "customer",
        "birthday": None,
        "since_on": None,
        "time_zone": "Asia/Shanghai",
        "cadence": None,
        "warranties": [],
        **fields,
    }
    return PlanFacts.model_validate(body)


def solar(month: int, day: int) -> dict[str, Any]:
    """A solar birthday."""
    return {"calendar": "solar", "year": None, "month": month, "day": day, "leap_month": False}


def lunar(month: int, day: int, *, leap: bool = False) -> dict[str, Any]:
    """A lunar birthday."""
    return {"calendar": "lunar", "year": None, "month": month, "day": day, "leap_month": leap}


@dataclass
class Plans:
    """The planner with its database and its clock."""

    database: Database
    clock: FixedClock
    planner: Planner
    versions: dict[UUID, int] = field(default_factory=dict)

    async def know(self, *facts: PlanFacts) -> None:
        """Mirror customers as they are now."""
        async with self.database.write_raw() as connection:
            await customers.keep(connection, list(facts), DEFAULT_ZONE, self.clock.now())

    async def customer(self, customer_id: UUID | None = None, **fields: Any) -> UUID:
        """Mirror one customer, or what is new about them."""
        customer_id = customer_id or new_id()
        self.versions[customer_id] = self.versions.get(customer_id, 0) + 1
        await self.know(plan_facts(customer_id, version=self.versions[customer_id], **fields))
        return customer_id

    async def plan(self) -> None:
        """Plan until there is nothing left to plan, beside whoever else is planning."""
        while await self.planner.step() or await self._is_left():
            await asyncio.sleep(0)

    async def _is_left(self) -> bool:
        async with self.database.read_raw() as connection:
            left: bool = await connection.fetchval(_LEFT, horizon(self.clock.now()))
            return left

    async def set_clock(self, moment: str) -> None:
        """Let business time jump forward to a moment."""
        target = datetime.fromisoformat(moment)
        self.clock.advance((target - self.clock.now()).total_seconds())

    async def items(self, customer_id: UUID | None = None, *, occasion: str | None = None) -> list[asyncpg.Record]:
        """What is planned, in order of time."""
        async with self.database.read_raw() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(
                "SELECT * FROM care_items WHERE ($1::uuid IS NULL OR customer_id = $1)"
                " AND ($2::text IS NULL OR occasion = $2) ORDER BY due_at, occasion, customer_id",
                customer_id,
                occasion,
            )
            return rows

    async def due(self, customer_id: UUID, occasion: str) -> list[tuple[str, str, str]]:
        """Key, UTC minute and state of what is planned for a customer on an occasion."""
        return [
            (row["occasion_key"], f"{row['due_at']:%Y-%m-%d %H:%M}", row["state"])
            for row in await self.items(customer_id, occasion=occasion)
        ]

    async def execute(self, sql: str, *arguments: Any) -> None:
        """Change the database behind the planner's back."""
        async with self.database.write_raw() as connection:
            await connection.execute(sql, *arguments)
