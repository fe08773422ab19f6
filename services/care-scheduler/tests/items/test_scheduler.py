"""Care that is due is judged, rendered and told; every verdict is kept."""

from datetime import UTC, datetime, time, timedelta

from care_scheduler.contents.feedback import Said
from careline.ids import encode

from ..factories import NOW, House, eventually, gate


class TestSent:
    async def test_a_planned_greeting_becomes_due_with_its_content_and_one_event(self, house: House) -> None:
        customer = house.profile.knows()
        care_id = await house.plan(customer.customer_id)
        (item,) = await house.judged(care_id)
        assert (item["state"], item["means"], item["cell"]) == ("due", "mail", "regular/birthday@v1")
        assert [each["verdict"] for each in item["verdicts"][0]["gates"]] == ["pass"] * 11
        (event,) = await house.events()
        assert event["type"] == "care.due"
        assert event["subject"] == encode("car", care_id)
        assert event["sequence"] == f"{1:020d}"
        assert event["data"] == {
            "care_id": encode("car", care_id),
            "customer_id": encode("cus", customer.customer_id),
            "occasion": "birthday",
            "occasion_key": "2026",
            "purpose": "marketing",
            "means": "mail",
            "cell": "regular/birthday@v1",
            "reference": None,
            "due_at": "2026-11-23T02:00:00Z",
            "not_after": "2026-11-23T14:00:00Z",
        }
        answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", care_id)]})
        (content,) = answer.json()["items"]
        assert content["verdict"] == "send"
        assert content["to"] == {"name": "李雷", "address": "li@customer.example"}
        assert content["text"].startswith("尊敬的李雷先生：\n\n今天是您的生日")
        assert content["unsubscribe_url"] in content["text"]
        assert content["message_id"] == f"<{encode('car', care_id)}@careline.example>"

    async def test_gold_gets_a_phone_task_with_a_script(self, house: House) -> None:
        customer = house.profile.knows(tier="gold", language="en-GB", name="Ann Lee", salutation=None)
        (item,) = await house.judged(await house.plan(customer.customer_id))
        assert (item["means"], item["cell"]) == ("phone_task", "gold/birthday@v1")
        answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", item["id"])]})
        (content,) = answer.json()["items"]
        assert "am I speaking with Ann Lee?" in content["script"]
        assert content["to"]["address"] == customer.phone
        assert content["unsubscribe_url"] is None

    async def test_a_tier_without_cells_is_cared_for_like_regular(self, house: House) -> None:
        customer = house.profile.knows(tier="platinum")
        (item,) = await house.judged(await house.plan(customer.customer_id))
        assert item["cell"] == "regular/birthday@v1"

    async def test_the_customers_choice_goes_before_the_matrix(self, house: House) -> None:
        customer = house.profile.knows(tier="gold", preferred_channel="letter")
        (item,) = await house.judged(await house.plan(customer.customer_id))
        assert item["means"] == "card"
        assert gate(item, "channel")["reason"] == "chosen_by_customer"

    async def test_a_follow_up_says_what_feedback_wants_said(self, house: House) -> None:
        customer = house.profile.knows()
        house.feedback.said["inv_1"] = Said({"link": "https://careline.example/survey/#x"}, None)
        care_id = await house.plan(
            customer.customer_id, "follow_up", "inv_1", purpose="survey", reference="inv_1", due=timedelta(hours=1)
        )
        gone = await house.plan(
            house.profile.knows().customer_id, "follow_up", "inv_2", purpose="survey", reference="inv_2"
        )
        assert (await house.judged(gone))[0]["gate"] == "content"
        house.clock.advance(3600)
        (item,) = await house.judged(care_id)
        assert item["state"] == "due"
        answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", care_id)]})
        assert "https://careline.example/survey/#x" in answer.json()["items"][0]["text"]


class TestWhyNot:
    async def refused(self, house: House, *, occasion: str = "birthday", **facts: object) -> tuple[str, str, str]:
        customer = house.profile.knows(**facts)
        (item,) = await house.judged(await house.plan(customer.customer_id, occasion))
        assert item["state"] == "suppressed"
        (event,) = [each for each in await house.events() if each["subject"] == encode("car", item["id"])]
        assert (event["type"], event["data"]["gate"]) == ("care.suppressed", item["gate"])
        answer = await house.client.get(f"/v1/care-items/{encode('car', item['id'])}")
        deciding = next(each for each in answer.json()["judgements"][0]["gates"] if each["verdict"] == "no")
        return deciding["gate"], deciding["reason"], item["state"]

    async def test_without_consent(self, house: House) -> None:
        assert await self.refused(house, consents={}) == ("consent", "none", "suppressed")

    async def test_after_a_withdrawal(self, house: House) -> None:
        consents = {("marketing", "mail"): "withdrawn"}
        assert await self.refused(house, consents=consents) == ("consent", "withdrawn", "suppressed")

    async def test_without_an_address(self, house: House) -> None:
        assert await self.refused(house, mail=None) == ("address", "unknown", "suppressed")

    async def test_who_wants_no_care(self, house: House) -> None:
        assert await self.refused(house, preferred_channel="none") == ("channel", "wants_none", "suppressed")

    async def test_a_text_that_would_have_a_hole(self, house: House) -> None:
        reason = await self.refused(house, occasion="warranty_ending", warranties={})
        assert reason == ("content", "incomplete", "suppressed")

    async def test_a_customer_whom_the_profile_does_not_know(self, house: House) -> None:
        (item,) = await house.judged(await house.plan(house.profile.knows().customer_id))
        house.profile.known.clear()
        (item,) = await house.judged(await house.plan(item["customer_id"], key="2027"))
        assert (item["state"], item["gate"]) == ("suppressed", "customer")

    async def test_all_reasons_are_shown_and_the_first_decides(self, house: House) -> None:
        customer = house.profile.knows(mail=None, consents={})
        (item,) = await house.judged(await house.plan(customer.customer_id))
        refused = [each["gate"] for each in item["verdicts"][0]["gates"] if each["verdict"] == "no"]
        assert refused == ["address", "consent"]
        assert item["gate"] == "address"


class TestTime:
    async def test_held_until_the_customers_morning_then_sent(self, house: House) -> None:
        # It is nine in the evening of the day before in New York.
        customer = house.profile.knows(time_zone="America/New_York", quiet_from=time(20), quiet_to=time(7, 30))
        care_id = await house.plan(customer.customer_id, valid=timedelta(hours=30))
        (item,) = await house.judged(care_id)
        morning = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
        assert (item["state"], item["gate"], item["due_at"]) == ("held", "quiet_hours", morning)
        house.clock.advance((morning - NOW).total_seconds())

        async def sent() -> bool:
            return bool((await house.item(care_id))["state"] == "due")

        await eventually(sent)
        assert [event["type"] for event in await house.events()] == ["care.held", "care.due"]
        assert len((await house.item(care_id))["verdicts"]) == 2

    async def test_a_greeting_that_would_come_late_after_the_night_is_not_sent(self, house: House) -> None:
        customer = house.profile.knows(time_zone="America/New_York")
        (item,) = await house.judged(await house.plan(customer.customer_id, valid=timedelta(hours=3)))
        assert (item["state"], item["gate"]) == ("suppressed", "quiet_hours")
        assert gate(item, "quiet_hours")["reason"] == "too_late_afterwards"

    async def test_after_a_jump_what_is_too_late_is_expired_and_not_sent(self, house: House) -> None:
        customer = house.profile.knows()
        care_id = await house.plan(customer.customer_id, due=timedelta(days=3))
        in_time = await house.plan(house.profile.knows().customer_id, due=timedelta(days=9), valid=timedelta(days=3))
        house.clock.advance(10 * 86_400)
        expired, sent = await house.judged(care_id, in_time)
        assert (expired["state"], sent["state"]) == ("expired", "due")
        assert "care.expired" in [event["type"] for event in await house.events()]


async def test_while_the_profile_is_away_care_waits_and_is_not_lost(house: House) -> None:
    customer = house.profile.knows()
    house.profile.away = True
    care_id = await house.plan(customer.customer_id)

    async def asked() -> bool:
        return house.profile.asked > 0

    await eventually(asked)
    item = await house.item(care_id)
    assert (item["state"], item["judged_at"]) == ("planned", None)
    house.profile.away = False
    assert (await house.judged(care_id))[0]["state"] == "due"


async def test_today_counts_by_state_and_gate(house: House) -> None:
    sent = await house.plan(house.profile.knows().customer_id)
    refused = await house.plan(house.profile.knows(consents={}).customer_id)
    await house.plan(house.profile.knows().customer_id, due=timedelta(hours=3))
    await house.plan(house.profile.knows().customer_id, due=timedelta(hours=15))
    await house.judged(sent, refused)
    today = (await house.client.get("/v1/today")).json()
    assert (today["day"], today["due"], today["planned"], today["suppressed"]) == ("2026-11-23", 1, 1, 1)
    assert today["suppressed_by"] == [{"gate": "consent", "number": 1}]


async def test_lists_are_paged_and_filtered(house: House) -> None:
    customer = house.profile.knows()
    for number in range(5):
        await house.plan(customer.customer_id, key=str(number), due=timedelta(days=40 + number * 40))
    url = f"/v1/care-items?customer_id={encode('cus', customer.customer_id)}&state=planned&limit=2"
    seen: list[str] = []
    page = (await house.client.get(url)).json()
    while True:
        seen += [item["occasion_key"] for item in page["items"]]
        if page["next"] is None:
            break
        page = (await house.client.get(f"{url}&cursor={page['next']}")).json()
    assert seen == ["4", "3", "2", "1", "0"]
    assert (await house.client.get("/v1/care-items?cursor=x")).status_code == 422
