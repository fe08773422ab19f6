"""The mirror of the profile: everybody once, then whoever changed; whatever is away, late or broken meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest

from care_scheduler.customers.facts import PAGE
from care_scheduler.customers.mirror import Mirror
from careline.clock import FixedClock
from careline.database import Database
from careline.events import Event
from careline.ids import decode, encode, new_id
from careline.wakeups import Wakeup

from ..planning import DEFAULT_ZONE, Plans, solar


class Profile:
    """The profile, as its contract has it; every answer is what it says over HTTP."""

    def __init__(self) -> None:
        self.customers: dict[str, dict[str, Any]] = {}
        self.away = False
        self.asked = 0
        self.meanwhile: Callable[[], Any] | None = None

    def add(self, **facts: Any) -> UUID:
        """Register a customer."""
        customer_id = new_id()
        name = encode("cus", customer_id)
        self.customers[name] = {
            "customer_id": name,
            "version": 1,
            "name": "张伟",
            "lifecycle": "customer",
            "birthday": None,
            "since_on": "2026-11-01",
            "time_zone": None,
            "cadence": None,
            "warranties": [],
            **facts,
        }
        return customer_id

    def change(self, customer_id: UUID, **facts: Any) -> None:
        """Change what is known of a customer."""
        customer = self.customers[encode("cus", customer_id)]
        customer.update(facts, version=customer["version"] + 1)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        timeout_seconds: float | None = None,
    ) -> httpx.Response:
        """Answer as the profile would."""
        del timeout_seconds
        self.asked += 1
        request = httpx.Request(method, f"http://profile.test{path}")
        if self.away:
            raise httpx.ConnectError("away", request=request)
        if method == "POST":
            items = [self.customers[name] for name in json["customer_ids"] if name in self.customers]
            answer: dict[str, Any] = {"items": items}
        else:
            after = request.url.params.get("after", "")
            items = [self.customers[name] for name in sorted(self.customers) if name > after][:PAGE]
            answer = {"items": items, "next": items[-1]["customer_id"] if len(items) == PAGE else None}
        response = httpx.Response(200, json=answer, request=request)
        if self.meanwhile is not None:
            await self.meanwhile()
        return response


@pytest.fixture
def profile() -> Profile:
    return Profile()


@pytest.fixture
def mirror(database: Database, clock: FixedClock, profile: Profile) -> Mirror:
    return Mirror(database, profile, clock, DEFAULT_ZONE, marked=Wakeup(), changed=Wakeup())


def changed(customer_id: UUID, type_: str = "customer.updated") -> Event:
    """What the profile says on Kafka."""
    return Event(
        id=new_id(),
        type=type_,
        aggregate_type="customer",
        aggregate_id=encode("cus", customer_id),
        sequence=2,
        occurred_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
        data={"customer_id": encode("cus", customer_id)},
    )


async def hear(plans: Plans, mirror: Mirror, customer_id: UUID) -> None:
    """Let the mirror consume an event about a customer."""
    async with plans.database.write_raw() as connection:
        await mirror.floods()["customer.updated"](connection, [changed(customer_id), changed(customer_id)])


async def mirrored(plans: Plans) -> dict[UUID, Any]:
    """What is mirrored, by customer."""
    async with plans.database.read_raw() as connection:
        return {row["customer_id"]: row for row in await connection.fetch("SELECT * FROM care_customers")}


async def drain(mirror: Mirror) -> None:
    """Mirror until there is nothing left to do."""
    while await mirror.step():
        pass


async def test_everybody_is_mirrored_page_by_page(plans: Plans, mirror: Mirror, profile: Profile) -> None:
    customers = {profile.add(birthday=solar(11, 25)) for _ in range(PAGE + 1)}

    await drain(mirror)
    await plans.plan()

    assert set(await mirrored(plans)) == customers
    assert len(await plans.items(occasion="birthday")) == PAGE + 1
    # Two pages, and then nobody asks again.
    assert profile.asked == 2


async def test_exactly_full_pages_end_too(plans: Plans, mirror: Mirror, profile: Profile) -> None:
    for _ in range(PAGE):
        profile.add()

    await drain(mirror)

    assert len(await mirrored(plans)) == PAGE
    assert profile.asked == 2


async def test_a_crash_between_pages_loses_nobody(
    plans: Plans, mirror: Mirror, profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Listmonk moves its checkpoint when it fetches: who was fetched and not yet sent to is never sent to."""
    customers = {profile.add() for _ in range(PAGE + 1)}

    async def die(*_: Any) -> None:
        raise RuntimeError("killed after the page was fetched")

    with monkeypatch.context() as broken:
        broken.setattr("care_scheduler.customers.repository.keep", die)
        with pytest.raises(RuntimeError):
            await mirror.backfill()
    await drain(mirror)

    assert set(await mirrored(plans)) == customers


async def test_a_profile_that_is_away_costs_no_mark_and_stops_no_planning(
    plans: Plans, mirror: Mirror, profile: Profile
) -> None:
    customer = profile.add(birthday=solar(12, 3))
    await drain(mirror)
    profile.away = True
    profile.change(customer, birthday=solar(12, 4))
    await hear(plans, mirror, customer)

    with pytest.raises(httpx.ConnectError):
        await mirror.step()
    await plans.set_clock("2026-11-28T04:00+00:00")
    await plans.plan()
    meanwhile = await plans.due(customer, "birthday")
    profile.away = False
    await drain(mirror)
    await plans.plan()

    assert meanwhile == [("2026", "2026-12-03 02:00", "planned")]
    assert await plans.due(customer, "birthday") == [("2026", "2026-12-04 02:00", "planned")]


async def test_a_change_while_the_profile_is_asked_is_asked_for_once_more(
    plans: Plans, mirror: Mirror, profile: Profile
) -> None:
    customer = profile.add(birthday=solar(11, 25))
    await drain(mirror)
    await hear(plans, mirror, customer)

    async def change_now() -> None:
        profile.meanwhile = None
        profile.change(customer, birthday=solar(11, 26))
        await hear(plans, mirror, customer)

    profile.meanwhile = change_now
    await drain(mirror)
    await plans.plan()

    assert await plans.due(customer, "birthday") == [("2026", "2026-11-26 02:00", "planned")]


async def test_facts_that_make_no_sense_spoil_nobody_elses(plans: Plans, mirror: Mirror, profile: Profile) -> None:
    """One poisoned recipient of a batch must not keep the rest waiting, or be asked for without end."""
    broken = profile.add(birthday={"calendar": "maya", "month": 13, "day": 0, "leap_month": False})
    sound = profile.add(birthday=solar(11, 25))
    await hear(plans, mirror, broken)

    await drain(mirror)

    assert set(await mirrored(plans)) == {sound}


async def test_a_zone_that_does_not_exist_is_shown_as_unknown(plans: Plans, mirror: Mirror, profile: Profile) -> None:
    wrong = profile.add(time_zone="Mars/Olympus")
    none = profile.add(time_zone=None)
    right = profile.add(time_zone="Europe/Kiev")

    await drain(mirror)

    rows = await mirrored(plans)
    assert {each: (row["time_zone"], row["time_zone_known"]) for each, row in rows.items()} == {
        wrong: (DEFAULT_ZONE, False),
        none: (DEFAULT_ZONE, False),
        right: ("Europe/Kiev", True),
    }


async def test_somebody_whom_the_profile_no_longer_knows_is_forgotten(
    plans: Plans, mirror: Mirror, profile: Profile
) -> None:
    customer = profile.add(birthday=solar(11, 25), warranties=[{"product_id": "pro_1", "ends_on": "2026-12-25"}])
    await drain(mirror)
    await plans.plan()
    del profile.customers[encode("cus", customer)]

    await hear(plans, mirror, customer)
    await drain(mirror)

    assert await mirrored(plans) == {}
    assert await plans.items(customer) == []


async def test_two_processes_share_the_first_mirroring(
    plans: Plans, mirror: Mirror, profile: Profile, database: Database, clock: FixedClock
) -> None:
    customers = {profile.add() for _ in range(PAGE * 2)}
    other = Mirror(database, profile, clock, DEFAULT_ZONE, marked=Wakeup(), changed=Wakeup())

    async def other_is_faster() -> None:
        profile.meanwhile = None
        await other.backfill()

    profile.meanwhile = other_is_faster
    await mirror.backfill()
    await drain(mirror)

    assert set(await mirrored(plans)) == customers
    assert decode("cus", max(profile.customers)) in customers
