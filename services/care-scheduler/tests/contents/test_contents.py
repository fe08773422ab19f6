"""What the router gets to send: judged once more, complete, and nothing for care that may not go."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID

from care_scheduler.gates import repository as gates
from careline.ids import encode, new_id

from ..factories import House


async def contents(house: House, *care_ids: UUID) -> list[dict[str, Any]]:
    answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", each) for each in care_ids]})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def due(house: House, occasion: str = "birthday", **facts: Any) -> tuple[UUID, UUID]:
    """Care that was due a moment ago, and its customer."""
    customer = house.profile.knows(**facts)
    care_id = await house.plan(customer.customer_id, occasion)
    assert (await house.judged(care_id))[0]["state"] == "due"
    return care_id, customer.customer_id


class TestJudgedOnceMore:
    async def gate(self, house: House, care_id: UUID) -> str | None:
        (content,) = await contents(house, care_id)
        if content["verdict"] == "cancelled":
            assert [content[name] for name in ("to", "subject", "text", "script", "unsubscribe_url")] == [None] * 5
        found: str | None = content["gate"]
        return found

    async def test_a_consent_withdrawn_after_it_was_due(self, house: House) -> None:
        care_id, customer_id = await due(house)
        assert await self.gate(house, care_id) is None
        house.profile.learns(customer_id, consents={("marketing", "mail"): "withdrawn"})
        assert await self.gate(house, care_id) == "consent"

    async def test_an_unsubscription(self, house: House) -> None:
        care_id, _ = await due(house)
        (content,) = await contents(house, care_id)
        token = content["unsubscribe_url"].rpartition("/")[2]
        await house.client.post(f"/v1/unsubscribe/{token}", content="List-Unsubscribe=One-Click")
        assert await self.gate(house, care_id) == "suppression"

    async def test_a_complaint_opened_meanwhile(self, house: House) -> None:
        care_id, customer_id = await due(house)
        async with house.database.write_raw() as connection:
            await gates.complaint_opened(connection, new_id(), customer_id)
        assert await self.gate(house, care_id) == "complaint"

    async def test_too_late_by_now(self, house: House) -> None:
        care_id, _ = await due(house)
        house.clock.advance(13 * 3600)
        assert await self.gate(house, care_id) == "expiry"

    async def test_another_choice_of_channel(self, house: House) -> None:
        care_id, customer_id = await due(house)
        house.profile.learns(customer_id, preferred_channel="letter")
        assert await self.gate(house, care_id) == "channel"

    async def test_who_is_asleep_by_now_is_asked_for_later(self, house: House) -> None:
        care_id, customer_id = await due(house)
        house.profile.learns(customer_id, quiet_from=time(9), quiet_to=time(11))
        assert await contents(house, care_id) == []
        house.clock.advance(3600)
        assert await self.gate(house, care_id) is None

    async def test_care_that_lay_waiting_does_not_come_on_top_of_what_went_meanwhile(self, house: House) -> None:
        customer = house.profile.knows()
        late = await house.plan(customer.customer_id, key="2026", valid=timedelta(days=30))
        await house.judged(late)
        house.clock.advance(8 * 86_400)
        for key in ("2027", "2028"):
            care_id = await house.plan(customer.customer_id, key=key)
            assert (await house.judged(care_id))[0]["state"] == "due"
            await self._went(house, care_id)
            house.clock.advance(86_400)
        # The caps are one a day and two a week, and two have gone within the week.
        assert await self.gate(house, late) == "cap"
        house.clock.advance(6 * 86_400)
        assert await self.gate(house, late) is None

    async def test_of_two_that_lay_waiting_only_the_older_one_goes(self, house: House) -> None:
        customer = house.profile.knows()
        first = await house.plan(customer.customer_id, key="2026", valid=timedelta(days=30))
        await house.judged(first)
        house.clock.advance(2 * 86_400)
        second = await house.plan(customer.customer_id, key="2027", valid=timedelta(days=30))
        await house.judged(second)
        assert await self.gate(house, second) == "cap"
        assert await self.gate(house, first) is None

    async def _went(self, house: House, care_id: UUID) -> None:
        async with house.database.write_raw() as connection:
            await connection.execute("UPDATE care_items SET state = 'sent' WHERE id = $1", care_id)


class TestAnswer:
    async def test_what_we_do_not_know_is_left_out_and_the_order_is_kept(self, house: House) -> None:
        first, _ = await due(house)
        second, _ = await due(house)
        found = await contents(house, second, new_id(), first)
        assert [each["care_id"] for each in found] == [encode("car", second), encode("car", first)]

    async def test_a_card_has_a_postal_address_and_no_link(self, house: House) -> None:
        care_id, _ = await due(house, preferred_channel="letter")
        (content,) = await contents(house, care_id)
        assert content["postal_address"] == {"lines": ["人民路1号"], "postcode": "200000", "country": "CN"}
        assert (content["to"], content["unsubscribe_url"]) == ({"name": "李雷", "address": ""}, None)

    async def test_asking_changes_nothing(self, house: House) -> None:
        care_id, _ = await due(house)
        before = await house.item(care_id)
        assert await contents(house, care_id) == await contents(house, care_id)
        assert await house.item(care_id) == before

    async def test_without_the_profile_nothing_is_given_out(self, house: House) -> None:
        care_id, _ = await due(house)
        house.profile.away = True
        answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", care_id)]})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")

    async def test_only_for_the_router(self, house: House) -> None:
        house.client.headers.update(house.issuer.headers("per_x", scopes=["care:read", "care:write"]))
        answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", new_id())]})
        assert answer.status_code == 403

    async def test_bad_input(self, house: House) -> None:
        for ids in ([], ["car_x"], [encode("car", new_id())] * 501, None):
            assert (await house.client.post("/v1/contents", json={"care_ids": ids})).status_code == 422
