"""The care matrix and the caps over HTTP."""

import asyncio
from typing import Any

import httpx

from ..factories import House, gate


async def put(house: House, cell: str, match: str | None = '"1"', **body: Any) -> httpx.Response:
    headers = {"If-Match": match} if match else {}
    return await house.client.put(f"/v1/matrix/{cell}", json=body, headers=headers)


async def test_the_first_matrix_calls_gold_and_writes_to_the_others(house: House) -> None:
    cells = {each["name"]: each for each in (await house.client.get("/v1/matrix")).json()["items"]}
    assert len(cells) == 30
    assert cells["gold/birthday@v1"]["means"] == "phone_task"
    assert cells["regular/birthday@v1"]["means"] == "mail"
    assert cells["gold/birthday@v1"]["priority"] > cells["regular/birthday@v1"]["priority"]


async def test_a_change_is_a_new_version_and_care_names_it(house: House) -> None:
    changed = await put(house, "regular/birthday", means="card", template_key="birthday")
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    (item,) = await house.judged(await house.plan(house.profile.knows().customer_id))
    assert (item["means"], item["cell"]) == ("card", "regular/birthday@v2")
    assert (await put(house, "regular/birthday", means="none", match='"2"')).json()["version"] == 3
    (item,) = await house.judged(await house.plan(house.profile.knows().customer_id))
    assert (item["state"], item["gate"], item["cell"]) == ("suppressed", "matrix", "regular/birthday@v3")
    assert gate(item, "matrix")["reason"] == "not_cared_for"


async def test_a_new_tier_may_have_its_own_cells(house: House) -> None:
    made = await put(house, "platinum/birthday", None, means="card", template_key="birthday", priority=99)
    assert (made.status_code, made.json()["name"]) == (200, "platinum/birthday@v1")
    (item,) = await house.judged(await house.plan(house.profile.knows(tier="platinum").customer_id))
    assert item["cell"] == "platinum/birthday@v1"


async def test_refusals(house: House) -> None:
    usual = {"means": "mail", "template_key": "birthday"}
    assert (await put(house, "gold/birthday", None, **usual)).status_code == 428
    assert (await put(house, "gold/birthday", '"9"', **usual)).status_code == 412
    assert (await put(house, "gold/carnival", **usual)).status_code == 404
    assert (await put(house, "gold/birthday", means="mail")).status_code == 422
    assert (await put(house, "gold/birthday", means="mail", template_key="nothing")).status_code == 422
    assert (await put(house, "gold/birthday", means="pigeon", template_key="birthday")).status_code == 422
    unknown = await put(house, "gold/birthday", means="mail", template_key="warranty_ending")
    assert "product.name is not known here" in unknown.json()["detail"]


async def test_of_two_who_change_a_cell_at_once_one_is_told(house: House) -> None:
    answers = await asyncio.gather(
        *(put(house, "gold/birthday", means="card", template_key="birthday", priority=n) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7


async def test_caps_are_read_and_changed_as_a_whole(house: House) -> None:
    read = await house.client.get("/v1/caps")
    assert read.json()["items"][0] == {"days": 1, "at_most": 1}
    body = {"items": [{"days": 14, "at_most": 3}]}
    assert (await house.client.put("/v1/caps", json=body)).status_code == 428
    changed = await house.client.put("/v1/caps", json=body, headers={"If-Match": read.headers["ETag"]})
    assert (changed.status_code, changed.json()) == (200, body)
    assert (await house.client.get("/v1/caps")).json() == body
    stale = await house.client.put("/v1/caps", json=body, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    twice = {"items": [{"days": 1, "at_most": 1}, {"days": 1, "at_most": 2}]}
    assert (await house.client.put("/v1/caps", json=twice, headers={"If-Match": "*"})).status_code == 422
