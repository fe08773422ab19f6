"""Whatever happens in whatever order: one item per customer, occasion and key, on the right day, and none lost.

Hypothesis plays planning runs that are cut short, die or race, jumps of business time, news of customers that come
late or twice, changes of the rules, and judging, on the real database. What ought to be planned is told by an oracle
in plain Python, which looks at one customer and one day at a time and shares no statement with the planner.
"""

import asyncio
import contextlib
import os
from calendar import monthrange
from collections.abc import Callable, Coroutine, Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, TypeVar
from unittest import mock
from uuid import UUID

from hypothesis import HealthCheck
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from care_scheduler.calendars.birthdays import Birthday, lunar_birthday, solar_birthday
from care_scheduler.calendars.festivals import great_cold, mid_autumn
from care_scheduler.calendars.wall_clock import moment, zone_named
from care_scheduler.customers import repository as customers
from care_scheduler.customers.facts import PlanFacts
from care_scheduler.events import CATALOGUE
from care_scheduler.occasions import repository as occasions
from care_scheduler.occasions.model import DATED, Occasion
from care_scheduler.plans.days import earliest_day, horizon
from care_scheduler.plans.planner import Planner
from care_scheduler.settings import Settings
from careline.clock import FixedClock
from careline.database import Database
from careline.ids import new_id
from careline.outbox import Outbox
from careline.wakeups import Wakeup
from careline_local.testing.databases import ServiceDatabase

from ..planning import DEFAULT_ZONE, lunar, plan_facts, solar

T = TypeVar("T")
ZONES = ["Asia/Shanghai", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Mars/Olympus", None]
Item = tuple[UUID, str, str]

# Near 2033's leap month, a 29 February and 大寒; days on which little happens would find nothing.
STARTS = ["2026-11-22T04:00+00:00", "2027-02-20T23:00+00:00", "2033-12-15T12:00+00:00", "2028-02-25T09:30+00:00"]
BIRTHDAYS = st.one_of(
    st.none(),
    st.builds(solar, st.sampled_from([1, 2, 11, 12]), st.integers(1, 28)),
    st.just(solar(2, 29)),
    st.builds(lunar, st.sampled_from([1, 10, 11, 12]), st.integers(1, 30), leap=st.booleans()),
)
FACTS = st.fixed_dictionaries(
    {
        "birthday": BIRTHDAYS,
        "lifecycle": st.sampled_from(["customer", "customer", "lead"]),
        "time_zone": st.sampled_from(ZONES),
        "since": st.one_of(st.none(), st.integers(-100, -80)),
        "overdue": st.one_of(st.none(), st.integers(-200, 300)),
        "warranties": st.dictionaries(st.sampled_from(["pro_1", "pro_2"]), st.integers(25, 45)),
        "purchase": st.integers(1, 2),
    }
)
RULES = st.fixed_dictionaries(
    {
        "send_time": st.sampled_from([time(0, 30), time(10), time(23, 45)]),
        "lead_days": st.sampled_from([0, 1, 30]),
        "valid_hours": st.sampled_from([1, 12, 100]),
        "leap_month_policy": st.sampled_from(["ordinary", "leap_if_any", "both", "leap_only"]),
        "day_30_policy": st.sampled_from(["day_29", "next_first", "skip"]),
        "feb_29_policy": st.sampled_from(["feb_28", "mar_1", "leap_only"]),
        "customers_only": st.booleans(),
        "active": st.sampled_from([True, True, False]),
    }
)


class DiedError(Exception):
    """The planner was killed before it could commit."""


class Care(RuleBasedStateMachine):
    """Everything that may happen to the planner."""

    database_settings: Settings
    empty: Callable[[], None]
    known = Bundle("known")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.database = Database(self.database_settings, application_name="care-property")
        self.facts: dict[UUID, PlanFacts] = {}
        self.given: dict[Item, tuple[str, datetime]] = {}

    @initialize(start=st.sampled_from(STARTS))
    def begin(self, start: str) -> None:
        """Care begins with an empty mirror."""
        self.clock = FixedClock(datetime.fromisoformat(start))
        self.planners = [
            Planner(
                self.database,
                Outbox(CATALOGUE),
                real=self.clock,
                business=self.clock,
                changed=Wakeup(),
                planned=Wakeup(),
            )
            for _ in range(2)
        ]

    def teardown(self) -> None:
        """Everything is planned in the end, and the next example begins anew."""
        if hasattr(self, "clock"):
            self.plan_everything()
        self.run(self.database.close())
        self.loop.close()
        type(self).empty()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run in the machine's own loop."""
        return self.loop.run(work)

    @rule(target=known, many=st.lists(FACTS, min_size=1, max_size=4))
    def register(self, many: list[dict[str, Any]]) -> Any:
        """Some customers are mirrored for the first time."""
        new = [new_id() for _ in many]
        self.mirror([self.plan_facts(each, 1, facts) for each, facts in zip(new, many, strict=True)])
        return multiple(*new)

    @rule(customer=known, facts=FACTS)
    def change(self, customer: UUID, facts: dict[str, Any]) -> None:
        """What is known of a customer changes."""
        self.mirror([self.plan_facts(customer, self.facts[customer].version + 1, facts)])

    @rule(customer=known, facts=FACTS)
    def hear_old_news(self, customer: UUID, facts: dict[str, Any]) -> None:
        """An answer of the profile that was overtaken by a later one."""
        old = self.plan_facts(customer, self.facts[customer].version - 1, facts)
        self.keep([old])

    @rule(hours=st.one_of(st.integers(1, 30), st.integers(24, 24 * 45), st.just(24 * 366)))
    def jump(self, hours: int) -> None:
        """Business time moves, while nobody plans."""
        self.clock.advance(hours * 3600)

    @rule(which=st.sampled_from(DATED))
    def plan_a_little(self, which: Any) -> None:
        """One chunk for one occasion, and then the process stops."""
        self.run(self.planners[0].plan_ahead(which))

    @rule()
    def look_again_only(self) -> None:
        """Only customers who have changed are planned."""
        self.run(self.planners[0].replan_changed())

    @rule(where=st.sampled_from(["finish", "taken_in", "begin"]))
    def die(self, where: str) -> None:
        """The process dies within a transaction."""
        dead = mock.AsyncMock(side_effect=DiedError)
        with mock.patch(f"care_scheduler.plans.repository.{where}", dead), contextlib.suppress(DiedError):
            self.run(self.planners[0].step())

    @rule()
    def race(self) -> None:
        """Two processes plan at the same time."""

        async def both() -> None:
            await asyncio.gather(*(planner.step() for planner in self.planners))

        self.run(both())

    @rule(chunk=st.sampled_from([1, 2, 3]))
    def plan_in_small_chunks(self, chunk: int) -> None:
        """A run over many chunks is left half done."""
        with mock.patch("care_scheduler.plans.planner.CHUNK", chunk):
            self.run(self.planners[0].step())

    @rule(key=st.sampled_from(DATED), rules=RULES)
    def change_rules(self, key: Any, rules: dict[str, Any]) -> None:
        """A care manager edits an occasion."""
        self.run(self._change_rules(key, rules))

    @rule()
    def restore_an_old_backup(self) -> None:
        """How far planning had come is forgotten."""
        self.execute("UPDATE plan_progress SET planned_until = NULL WHERE run_from IS NULL")

    @rule(state=st.sampled_from(["sent", "held", "suppressed"]))
    def judge(self, state: str) -> None:
        """What is due is judged; what is too late expires."""
        self.run(self._judge(state))

    @rule()
    def plan_everything(self) -> None:
        """After a full run exactly that is to come which the oracle says."""
        self.run(self._plan_everything())
        expected = self.run(self._expected())
        found = self.run(self._to_come())
        assert found == expected

    @invariant()
    def what_was_given_stays(self) -> None:
        """No planning touches what somebody has acted upon, and none is given twice."""
        if not hasattr(self, "clock"):
            return
        rows = self.fetch(
            "SELECT customer_id, occasion, occasion_key, state, due_at, not_after, created_at FROM care_items"
        )
        found = {(row[0], row[1], row[2]): row for row in rows}
        assert len(found) == len(rows)
        for key, (state, due_at) in self.given.items():
            row = found[key]
            assert row["due_at"] == due_at
            assert row["state"] == state or (state, row["state"]) == ("held", "cancelled")
        # Nothing was ever planned that was too late already.
        assert all(row["not_after"] > row["created_at"] or row["state"] == "expired" for row in rows)

    # What the rules are made of.

    def plan_facts(self, customer: UUID, version: int, facts: dict[str, Any]) -> PlanFacts:
        """The profile's answer about a customer."""
        now = self.clock.now()
        overdue = facts["overdue"]
        cadence = overdue is not None and {
            "last_purchase_id": f"pur_{facts['purchase']}",
            "overdue_at": (now + timedelta(hours=overdue)).isoformat(),
        }
        return plan_facts(
            customer,
            version=version,
            birthday=facts["birthday"],
            lifecycle=facts["lifecycle"],
            time_zone=facts["time_zone"],
            since_on=None if facts["since"] is None else str(now.date() + timedelta(days=facts["since"])),
            cadence=cadence or None,
            warranties=[
                {"product_id": product, "ends_on": str(now.date() + timedelta(days=in_days))}
                for product, in_days in facts["warranties"].items()
            ],
        )

    def mirror(self, facts: list[PlanFacts]) -> None:
        """Mirror the newest news."""
        self.facts |= {each.customer_id: each for each in facts}
        self.keep(facts)

    def keep(self, facts: list[PlanFacts]) -> None:
        """Hand facts to the mirror."""

        async def work() -> None:
            async with self.database.write_raw() as connection:
                await customers.keep(connection, facts, DEFAULT_ZONE, self.clock.now())

        self.run(work())

    def execute(self, sql: str, *arguments: Any) -> None:
        """Change the database."""

        async def work() -> None:
            async with self.database.write_raw() as connection:
                await connection.execute(sql, *arguments)

        self.run(work())

    def fetch(self, sql: str, *arguments: Any) -> list[Any]:
        """Look at the database."""

        async def work() -> list[Any]:
            async with self.database.read_raw() as connection:
                return list(await connection.fetch(sql, *arguments))

        return self.run(work())

    async def _change_rules(self, key: str, rules: dict[str, Any]) -> None:
        names = list(rules)
        sets = ", ".join(f"{name} = ${position}" for position, name in enumerate(names, start=2))
        now = self.clock.now()
        async with self.database.write_raw() as connection:
            before = await connection.fetchval("SELECT valid_hours FROM occasions WHERE key = $1", key)
            await connection.execute(f"UPDATE occasions SET {sets} WHERE key = $1", key, *rules.values())  # noqa: S608
            valid = timedelta(hours=max(before, rules["valid_hours"]))
            await connection.execute(occasions._PLAN_ANEW, key, now, earliest_day(now, valid), horizon(now))

    async def _judge(self, state: str) -> None:
        async with self.database.write_raw() as connection:
            rows = await connection.fetch(
                "SELECT * FROM care_items WHERE state IN ('planned', 'held') AND due_at <= $1 LIMIT 5", self.clock.now()
            )
            for row in rows:
                late = row["not_after"] < self.clock.now()
                steps = ["expired"] if late else ["due", "sent"] if state == "sent" else [state]
                for step in steps:
                    await connection.execute(
                        "UPDATE care_items SET state = $2, means = 'mail', cell = 'c' WHERE id = $1", row["id"], step
                    )
                self.given[row["customer_id"], row["occasion"], row["occasion_key"]] = steps[-1], row["due_at"]

    async def _plan_everything(self) -> None:
        while await self.planners[0].step():
            pass

    async def _to_come(self) -> set[tuple[Item, datetime]]:
        async with self.database.read_raw() as connection:
            rows = await connection.fetch(
                "SELECT customer_id, occasion, occasion_key, due_at FROM care_items"
                " WHERE state = 'planned' AND due_at > $1",
                self.clock.now(),
            )
        return {((row[0], row[1], row[2]), row[3]) for row in rows}

    async def _expected(self) -> set[tuple[Item, datetime]]:
        now = self.clock.now()
        async with self.database.read_raw() as connection:
            rules = await occasions.all_occasions(connection)
            taken = {
                tuple(row)
                for row in await connection.fetch(
                    "SELECT customer_id, occasion, occasion_key FROM care_items WHERE state <> 'planned'"
                )
            }
        return {
            ((customer, occasion.key, key), due_at)
            for customer, facts in self.facts.items()
            for occasion in rules
            if occasion.key in DATED
            and occasion.active
            and (facts.lifecycle == "customer" or not occasion.customers_only)
            for key, due_at in due_moments(occasion, facts, now)
            if due_at > now and (customer, occasion.key, key) not in taken
        }


def due_moments(occasion: Occasion, facts: PlanFacts, now: datetime) -> Iterator[tuple[str, datetime]]:
    """Key and moment of everything that is to come for a customer until the horizon, day by day."""
    zone = zone_named(facts.time_zone or DEFAULT_ZONE) or zone_named(DEFAULT_ZONE)
    assert zone is not None
    last = horizon(now)
    local_days = [now.date() - timedelta(days=2) + timedelta(days=offset) for offset in range(12)]
    for before, day in pairwise(each for each in local_days if each <= last):
        at = moment(zone, day, occasion.send_time)
        if occasion.key == "purchase_overdue":
            if facts.cadence and moment(zone, before, occasion.send_time) < facts.cadence.overdue_at <= at:
                yield facts.cadence.last_purchase_id, at
            continue
        for key in keys_on(occasion, facts, day + timedelta(days=occasion.lead_days)):
            yield key, at


def keys_on(occasion: Occasion, facts: PlanFacts, day: date) -> Iterator[str]:
    """The keys of what falls on one day for a customer."""
    years = range(day.year - 2, day.year + 1)
    if occasion.key == "birthday" and facts.birthday:
        born = Birthday(facts.birthday.calendar, facts.birthday.month, facts.birthday.day, facts.birthday.leap_month)
        of_year = solar_birthday if born.calendar == "solar" else lunar_birthday
        for year in years:
            yield from (kept.key for kept in of_year(born, year, occasion.policies) if kept.on == day)
    elif occasion.key == "mid_autumn":
        yield from (str(year) for year in years if mid_autumn(year) == day)
    elif occasion.key == "great_cold":
        yield from (str(year) for year in years if great_cold(year) == day)
    elif occasion.key == "three_months" and facts.since_on:
        yield from ["3m"] * (_three_months_after(facts.since_on) == day)
    elif occasion.key == "warranty_ending":
        yield from (each.product_id for each in facts.warranties if each.ends_on == day)


def test_care_is_planned_once_and_right(settings: Settings, service_database: Callable[[str], ServiceDatabase]) -> None:
    of_care = service_database("care_scheduler")

    class Played(Care):
        database_settings = settings
        empty = staticmethod(of_care.empty)

    run_state_machine_as_test(Played, settings=EXAMPLES)


# More of them, and other ones every time: CARE_EXAMPLES=200.
COUNT = int(os.environ.get("CARE_EXAMPLES", "10"))
EXAMPLES = examples(
    max_examples=COUNT,
    stateful_step_count=25,
    deadline=None,
    derandomize=COUNT <= 10,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def _three_months_after(day: date) -> date:
    """The same day of the third month, or the last that it has."""
    year, month = divmod(day.year * 12 + day.month + 2, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
