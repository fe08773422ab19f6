"""Templates over HTTP."""

from typing import Any

import httpx

from careline.ids import encode, new_id

from ..factories import ALL_SCOPES, House
from .hostile import REFUSED

TEXTS = {"subject": "Hello", "text": "Dear {{ customer.name | default: 'friend' }}, hello.", "script": None}


async def put(house: House, key: str, match: str | None = None, **texts: Any) -> httpx.Response:
    headers = {"If-Match": match} if match else {}
    return await house.client.put(f"/v1/templates/{key}", json={"languages": {"en": TEXTS | texts}}, headers=headers)


async def test_saved_shown_changed_and_kept_as_versions(house: House) -> None:
    made = await put(house, "welcome")
    assert (made.status_code, made.headers["ETag"], made.json()["version"]) == (200, '"1"', 1)
    assert made.json()["values"] == ["customer.name"]
    assert (await put(house, "welcome")).status_code == 428
    assert (await put(house, "welcome", '"7"')).status_code == 412
    assert (await put(house, "welcome", '"1"', text="Hello!")).json()["version"] == 2
    shown = await house.client.get("/v1/templates/welcome")
    assert (shown.headers["ETag"], shown.json()["languages"]["en"]["text"]) == ('"2"', "Hello!")
    assert (await house.client.get("/v1/templates/nothing")).status_code == 404


async def test_the_first_ones_are_there_with_the_cells_that_use_them(house: House) -> None:
    listed = (await house.client.get("/v1/templates")).json()
    birthday = next(each for each in listed["items"] if each["key"] == "birthday")
    assert set(birthday["languages"]) == {"zh-CN", "en"}
    assert birthday["used_by"] == ["gold/birthday", "regular/birthday", "silver/birthday"]
    assert "customer.name" in listed["known_values"]


async def test_hostile_ones_are_refused_with_field_and_reason(house: House) -> None:
    for text in REFUSED:
        answer = await put(house, "hostile", text=text)
        assert answer.status_code == 422, text[:60]
        assert answer.json()["errors"][0]["field"].startswith("languages.en.text")
    assert (await house.client.get("/v1/templates/hostile")).status_code == 404


async def test_a_template_in_use_cannot_come_to_ask_for_more_than_its_occasion_knows(house: House) -> None:
    refused = await put(house, "birthday", '"1"', text="Your {{ product.name }}.")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "languages.en.text")
    assert "product.name is not known here" in refused.json()["detail"]
    assert (await put(house, "not_used", text="Your {{ product.name }}.")).status_code == 200


async def test_bad_input_names_its_field(house: House) -> None:
    bodies: tuple[dict[str, Any], ...] = (
        {},
        {"languages": {}},
        {"languages": {"en": {"subject": "a\nb", "text": "x"}}},
        {"languages": 1},
    )
    for body in bodies:
        answer = await house.client.put("/v1/templates/x", json=body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].startswith("languages")
    unknown = {"languages": {"en": TEXTS | {"body": "x"}}}
    assert (await house.client.put("/v1/templates/x", json=unknown)).status_code == 422


class TestPreview:
    async def preview(self, house: House, key: str = "birthday", **body: Any) -> dict[str, Any]:
        answer = await house.client.post(f"/v1/templates/{key}/preview", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def test_for_a_customer(self, house: House) -> None:
        customer = house.profile.knows(name="Ann Lee", language="en")
        shown = await self.preview(house, customer_id=encode("cus", customer.customer_id))
        assert (shown["language"], shown["fault"]) == ("en", None)
        assert shown["text"].startswith("Dear Ann Lee,")

    async def test_for_nobody_in_particular_and_before_saving(self, house: House) -> None:
        assert (await self.preview(house, language="zh-CN"))["text"].startswith("尊敬的李雷先生")
        assert (await self.preview(house, texts=TEXTS | {"text": "New!"}))["text"] == "New!"
        assert (await self.preview(house, "warranty_ending", language="en"))["fault"] is None

    async def test_of_somebody_unknown_or_while_the_profile_is_away(self, house: House) -> None:
        body = {"customer_id": encode("cus", new_id())}
        assert (await house.client.post("/v1/templates/birthday/preview", json=body)).status_code == 404
        house.profile.away = True
        assert (await house.client.post("/v1/templates/birthday/preview", json=body)).status_code == 503


async def test_who_may_only_read_changes_nothing(house: House) -> None:
    house.client.headers.update(house.issuer.headers("per_reader", scopes=[s for s in ALL_SCOPES if s != "care:write"]))
    assert (await put(house, "welcome")).status_code == 403
    assert (await house.client.put("/v1/matrix/gold/birthday", json={"means": "none"})).status_code == 403
    assert (await house.client.put("/v1/caps", json={"items": []})).status_code == 403
