"""Who is asked: each closing decided once, nobody twice within the pause, every decision kept and replayed."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from careline.clock import FixedClock
from careline.database import Database
from careline.ids import encode, new_id
from feedback.sampling.customers import Known
from feedback.sampling.drawing import draw

from ..conftest import NOW
from ..neighbours import Neighbours
from .factories import (
    EVERYBODY,
    NOBODY,
    apply,
    ask_everybody,
    closed_interaction,
    decided,
    some_customer,
    some_invitation,
    state_of,
)


async def invited(database: Database) -> int:
    async with database.read_raw() as connection:
        count: int = await connection.fetchval("SELECT count(*) FROM invitations")
    return count


class TestDecision:
    async def test_by_the_stratum_and_replayed(self, client: httpx.AsyncClient, neighbours: Neighbours) -> None:
        rates = [{"channel": "*", "tier": "*", "rate": 0.5}, {"channel": "chat", "tier": "gold", "rate": 0.25}]
        policy = await ask_everybody(client, rates)
        customer = some_customer()
        neighbours.knows(customer, tier="gold")
        event = closed_interaction(customer, NOW, channel="chat")
        await apply(client, event)

        sample = await decided(client, event["subject"])

        assert (sample["tier"], sample["rate"], sample["policy_version"]) == ("gold", 0.25, policy["version"])
        assert sample["draw"] == draw(policy["seed"], event["subject"])
        assert sample["decision"] == ("sampled" if sample["draw"] < 0.25 else "not_drawn")
        assert sample["replay"]["agrees"] is True
        await ask_everybody(client, EVERYBODY, seed="another-seed-of-sixteen")
        later = (await client.get(f"/v1/samples/{sample['id']}")).json()
        assert later["replay"] == sample["replay"]

    async def test_not_drawn(self, client: httpx.AsyncClient, neighbours: Neighbours, database: Database) -> None:
        await ask_everybody(client, NOBODY)
        customer = some_customer()
        neighbours.knows(customer)
        event = closed_interaction(customer, NOW)
        await apply(client, event)

        assert (await decided(client, event["subject"]))["decision"] == "not_drawn"
        assert await invited(database) == 0

    async def test_without_a_customer(self, client: httpx.AsyncClient) -> None:
        event = closed_interaction(None, NOW)
        await apply(client, event)

        assert (await decided(client, event["subject"]))["decision"] == "no_customer"

    async def test_of_a_customer_whom_the_profile_does_not_know(self, client: httpx.AsyncClient) -> None:
        await ask_everybody(client)
        event = closed_interaction(some_customer(), NOW)
        await apply(client, event)

        assert (await decided(client, event["subject"]))["decision"] == "no_customer"

    async def test_own_phone_tasks_are_no_matter_of_the_customer(self, client: httpx.AsyncClient) -> None:
        event = closed_interaction(some_customer(), NOW, channel="phone_task")
        await apply(client, event)

        assert (await client.get("/v1/samples", params={"subject": event["subject"]})).json()["items"] == []

    @pytest.mark.parametrize(("channel", "reason", "hours"), [("mail", "interaction", 1), ("in_person", "visit", 24)])
    async def test_when_it_is_asked(
        self, client: httpx.AsyncClient, neighbours: Neighbours, channel: str, reason: str, hours: int
    ) -> None:
        await ask_everybody(client)
        invitation = await some_invitation(client, neighbours, at=NOW, channel=channel)

        assert invitation["reason"] == reason
        assert invitation["not_before"] == (NOW + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
        assert invitation["not_after"] == (NOW + timedelta(days=3)).isoformat().replace("+00:00", "Z")

    async def test_too_late_to_ask(self, client: httpx.AsyncClient, neighbours: Neighbours) -> None:
        await ask_everybody(client)
        customer = some_customer()
        neighbours.knows(customer)
        event = closed_interaction(customer, NOW - timedelta(days=4))
        await apply(client, event)

        assert (await decided(client, event["subject"]))["decision"] == "too_late"

    async def test_the_profile_is_away(
        self, client: httpx.AsyncClient, neighbours: Neighbours, clock: FixedClock, database: Database
    ) -> None:
        await ask_everybody(client)
        neighbours.away = True
        event = closed_interaction(some_customer(), NOW)
        await apply(client, event)
        drawer = state_of(client)["drawer"]
        for _ in range(8):
            await drawer.step()
            clock.advance(40)

        sample = await decided(client, event["subject"])
        assert (sample["decision"], sample["tier"]) == ("sampled", "unknown")


class TestOnce:
    async def test_the_same_closing_again(
        self, client: httpx.AsyncClient, neighbours: Neighbours, database: Database
    ) -> None:
        await ask_everybody(client)
        customer = some_customer()
        neighbours.knows(customer)
        event = closed_interaction(customer, NOW)
        await apply(client, event)
        await decided(client, event["subject"])
        await apply(client, event)

        assert len((await client.get("/v1/samples")).json()["items"]) == 1
        assert await invited(database) == 1

    async def test_many_closings_of_a_customer_and_many_drawers_ask_once(
        self, client: httpx.AsyncClient, neighbours: Neighbours, database: Database
    ) -> None:
        await ask_everybody(client)
        customer = some_customer()
        neighbours.knows(customer)
        events = [closed_interaction(customer, NOW) for _ in range(12)]
        await asyncio.gather(*(apply(client, event) for event in events))
        drawer = state_of(client)["drawer"]
        await asyncio.gather(*(drawer.step() for _ in range(5)))

        decisions = Counter([(await decided(client, event["subject"]))["decision"] for event in events])
        assert decisions == {"sampled": 1, "asked_recently": 11}
        assert await invited(database) == 1

    async def test_processes_that_decide_at_the_same_moment(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        """The pause is held by the customer's row, not by the order in which one process works."""
        await ask_everybody(client)
        service, drawer = state_of(client)["service"], state_of(client)["drawer"]
        customer, ids = new_id(), [new_id() for _ in range(8)]
        async with database.write_raw() as connection:
            # Far in the future, so that the running drawer leaves them alone.
            await connection.executemany(
                "INSERT INTO samples (id, reason, subject, interaction_id, customer_id, channel, closed_at,"
                " next_try_at) VALUES ($1, 'interaction', $2, $1, $3, 'mail', $4, 'infinity')",
                [(each, encode("int", each), customer, NOW) for each in ids],
            )

        async def decide(sample_id: UUID) -> None:
            async with service.database.write_raw() as connection:
                await drawer._decide(connection, sample_id, Known("regular", "en"), exists=True)

        await asyncio.gather(*(decide(each) for each in ids))

        assert await invited(database) == 1

    async def test_again_after_the_pause(
        self, client: httpx.AsyncClient, neighbours: Neighbours, clock: FixedClock
    ) -> None:
        await ask_everybody(client)
        customer = some_customer()
        neighbours.knows(customer)
        decisions = []
        for days in (0, 29, 1):
            clock.advance(timedelta(days=days).total_seconds())
            event = closed_interaction(customer, clock.now())
            await apply(client, event)
            decisions.append((await decided(client, event["subject"]))["decision"])

        assert decisions == ["sampled", "asked_recently", "sampled"]


class TestPolicy:
    async def test_versions_stay(self, client: httpx.AsyncClient, database: Database) -> None:
        first = (await client.get("/v1/sampling-policy")).json()
        second = await ask_everybody(client)

        assert second["version"] == first["version"] + 1
        assert second["seed"] == first["seed"]
        assert (await client.get(f"/v1/sampling-policy/versions/{first['version']}")).json() == first
        assert (await client.get("/v1/sampling-policy/versions/99")).status_code == 404
        for table in ("sampling_policies", "sampling_rates", "sampling_reasons"):
            with pytest.raises(Exception, match="never changed or deleted"):
                async with database.write_raw() as connection:
                    await connection.execute(f"DELETE FROM {table}")  # noqa: S608

    async def test_of_two_editors_one_wins(self, client: httpx.AsyncClient) -> None:
        now = await client.get("/v1/sampling-policy")
        body = {name: now.json()[name] for name in ("pause_days", "excluded_dispositions", "reasons", "rates")}
        etag = {"If-Match": now.headers["ETag"]}

        answers = await asyncio.gather(*(client.put("/v1/sampling-policy", json=body, headers=etag) for _ in range(4)))

        assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
        assert (await client.put("/v1/sampling-policy", json=body)).status_code == 428

    @pytest.mark.parametrize(
        "changed",
        [
            {"rates": []},
            {"rates": [{"channel": "mail", "tier": "*", "rate": 1}]},
            {"rates": [*EVERYBODY, *EVERYBODY]},
            {"rates": [{"channel": "*", "tier": "*", "rate": 1.01}]},
            {"rates": [{"channel": "*", "tier": "*", "rate": -0.1}]},
            {"rates": [{"channel": "*", "tier": "*", "rate": "NaN"}]},
            {"pause_days": -1},
            {"seed": "short"},
            {"reasons": [{"reason": "interaction", "survey": "nobody", "wait_hours": 1, "within_hours": 72}]},
            {"reasons": [{"reason": "interaction", "survey": "follow_up", "wait_hours": 1, "within_hours": 73}]},
            {"reasons": [{"reason": "interaction", "survey": "follow_up", "wait_hours": 9, "within_hours": 9}]},
            {"reasons": [{"reason": "birthday", "survey": "follow_up", "wait_hours": 1, "within_hours": 72}]},
        ],
    )
    async def test_refused(self, client: httpx.AsyncClient, changed: dict[str, Any]) -> None:
        now = await client.get("/v1/sampling-policy")
        body = {name: now.json()[name] for name in ("pause_days", "excluded_dispositions", "reasons", "rates")}

        answer = await client.put("/v1/sampling-policy", json=body | changed, headers={"If-Match": now.headers["ETag"]})

        assert answer.status_code == 422, answer.text

    async def test_samples_by_page(self, client: httpx.AsyncClient) -> None:
        events = [closed_interaction(None, NOW - timedelta(minutes=number)) for number in range(5)]
        await apply(client, *events)
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await client.get("/v1/samples", params={"limit": 2, **cursor})).json()
            seen += [item["subject"] for item in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}

        assert seen == [event["subject"] for event in events]
