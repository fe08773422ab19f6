"""One click, no cookie, no sign-in; looking changes nothing."""

import base64
import hashlib
import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
from hypothesis import given
from hypothesis import strategies as st

from care_scheduler.items.outcomes import consents
from care_scheduler.unsubscribes.tokens import Refusal, read, sign
from careline.events import Event
from careline.ids import encode, new_id

from ..factories import House

KEY = "k" * 32
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    {"Content-Type": "multipart/form-data; boundary=x"},
)


async def mailed(house: House, customer_id: UUID) -> tuple[UUID, str]:
    """Care that went by mail, and the path of its link."""
    care_id = await house.plan(customer_id)
    await house.judged(care_id)
    answer = await house.client.post("/v1/contents", json={"care_ids": [encode("car", care_id)]})
    url: str = answer.json()["items"][0]["unsubscribe_url"]
    assert url.startswith("http://127.0.0.1:8080/api/care/v1/unsubscribe/")
    house.client.headers.pop("Authorization")
    return care_id, url.removeprefix("http://127.0.0.1:8080/api/care")


async def click(house: House, path: str, body: bytes = b"List-Unsubscribe=One-Click", **headers: str) -> httpx.Response:
    return await house.client.post(path, content=body, headers=FORM | headers)


async def suppressions(house: House) -> list[Any]:
    async with house.database.read_raw() as connection:
        return [tuple(row) for row in await connection.fetch("SELECT customer_id, purpose, channel FROM suppressions")]


class TestClick:
    async def test_ends_that_purpose_on_that_channel_at_once(self, house: House) -> None:
        customer = house.profile.knows()
        care_id, path = await mailed(house, customer.customer_id)
        assert (await click(house, path)).status_code == 200
        assert await suppressions(house) == [(customer.customer_id, "marketing", "mail")]
        event = (await house.events())[-1]
        assert event["type"] == "care.unsubscribed"
        assert event["data"] == {
            "care_id": encode("car", care_id),
            "customer_id": encode("cus", customer.customer_id),
            "purpose": "marketing",
            "channel": "mail",
        }
        next_week = await house.plan(customer.customer_id, key="2027", due=timedelta(days=8))
        house.clock.advance(8 * 86_400)
        (item,) = await house.judged(next_week)
        assert (item["state"], item["gate"]) == ("suppressed", "suppression")

    async def test_twice_is_once(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        for _ in range(3):
            assert (await click(house, path)).status_code == 200
        assert [event["type"] for event in await house.events()] == ["care.due", "care.unsubscribed"]

    async def test_as_multipart_too(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        body, headers = MULTIPART
        assert (await house.client.post(path, content=body, headers=headers)).status_code == 200
        assert len(await suppressions(house)) == 1

    async def test_without_the_words_of_rfc_8058_nothing_happens(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        for body in (b"", b"List-Unsubscribe=No", b"x" * 5000 + b"List-Unsubscribe=One-Click"):
            assert (await click(house, path, body)).status_code == 400
        assert await suppressions(house) == []

    async def test_a_token_that_we_did_not_sign_does_nothing(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        forged = path[:-1] + ("A" if path[-1] != "A" else "B")
        other = sign(Refusal(new_id(), new_id(), "marketing", "mail"), "another key of thirty-two bytes!!")
        for each in (forged, f"/v1/unsubscribe/{other}", "/v1/unsubscribe/x", "/v1/unsubscribe/%00", path[:-4]):
            assert (await click(house, each)).status_code == 404
        assert await suppressions(house) == []


class TestLooking:
    async def test_changes_nothing_and_shows_a_button(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        before = await house.events()
        shown = await house.client.get(path, headers={"Accept-Language": "en-GB,zh;q=0.5"})
        assert shown.status_code == 200
        assert '<form method="post">' in shown.text
        assert "greetings and offers" in shown.text
        assert (await suppressions(house), await house.events()) == ([], before)

    async def test_speaks_both_languages(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        chinese = await house.client.get(path, headers={"Accept-Language": "zh-TW,zh;q=0.9,en;q=0.8"})
        assert '<html lang="zh-CN">' in chinese.text
        assert "确认退订" in chinese.text
        assert '<html lang="en">' in (await house.client.get(path + "?lang=en&utm_source=x")).text
        assert "已退订" in (await click(house, path + "?lang=zh-CN")).text

    async def test_allows_nothing_but_its_own_form_and_style(self, house: House) -> None:
        _, path = await mailed(house, house.profile.knows().customer_id)
        shown = await house.client.get(path)
        policy = shown.headers["Content-Security-Policy"]
        style = re.search("<style>(.*)</style>", shown.text)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert f"style-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "<script" not in shown.text
        assert shown.headers["Referrer-Policy"] == "no-referrer"
        assert "set-cookie" not in shown.headers

    async def test_of_a_broken_link_says_so(self, house: House) -> None:
        shown = await house.client.get("/v1/unsubscribe/<script>")
        assert shown.status_code == 404
        assert "not complete" in shown.text
        assert "<script>" not in shown.text


class TestConsentGivenAgain:
    async def granted(self, house: House, customer_id: UUID, at: datetime) -> None:
        data = {
            "customer_id": encode("cus", customer_id),
            "purpose": "marketing",
            "channel": "mail",
            "state": "granted",
        }
        event = Event(new_id(), "customer.consent_changed", "customer", data["customer_id"], 1, at, data)
        async with house.database.write_raw() as connection:
            await consents()["customer.consent_changed"](connection, event)

    async def test_a_later_yes_lifts_the_no_and_an_earlier_one_does_not(self, house: House) -> None:
        customer = house.profile.knows()
        _, path = await mailed(house, customer.customer_id)
        await click(house, path)
        await self.granted(house, customer.customer_id, house.clock.now() - timedelta(minutes=1))
        assert len(await suppressions(house)) == 1
        await self.granted(house, customer.customer_id, house.clock.now() + timedelta(minutes=1))
        assert await suppressions(house) == []


@given(st.uuids(), st.uuids(), st.sampled_from(["marketing", "survey", "service"]), st.sampled_from(["mail", "phone"]))
def test_a_token_says_what_was_signed_and_nothing_else(customer: UUID, care: UUID, purpose: Any, channel: Any) -> None:
    refusal = Refusal(customer, care, purpose, channel)
    token = sign(refusal, KEY)
    assert read(token, KEY) == refusal
    assert re.fullmatch(r"[A-Za-z0-9_-]{68}", token)
    assert read(token, KEY + "x") is None
    assert read(token[:-1], KEY) is None


@given(
    st.integers(0, 67),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", min_size=1, max_size=1),
)
def test_no_changed_token_is_read(place: int, letter: str) -> None:
    token = sign(Refusal(UUID(int=1), UUID(int=2), "marketing", "mail"), KEY)
    changed = token[:place] + letter + token[place + 1 :]
    assert (read(changed, KEY) is not None) == (changed == token)


@given(st.text(max_size=120))
def test_no_text_breaks_reading(text: str) -> None:
    assert read(text, KEY) is None
