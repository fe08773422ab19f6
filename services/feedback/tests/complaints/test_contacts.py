"""Complaints from people whom nobody knows: recorded at once, acknowledged once the profile says who it may be."""

from typing import Any
from uuid import uuid4

import pytest

from careline.ids import encode, new_id

from ..neighbours import Neighbours
from .office import Office

ADDRESS = "stranger@nowhere.example"
FORM = {"kind": "product", "contact": ADDRESS, "text": "水壶漏水。"}
_LINKED = "SELECT payload FROM outbox WHERE type = 'complaint.customer_linked'"


async def _complain(office: Office, **fields: Any) -> dict[str, Any]:
    headers = {"Idempotency-Key": str(uuid4())}
    answer = await office.client.post("/v1/complaints/web", json={**FORM, **fields}, headers=headers)
    assert answer.status_code == 201, answer.text
    (listed,) = (await office.call("head", "GET", "/v1/complaints")).json()["items"]
    return await office.look("head", listed)


async def test_a_stranger_becomes_a_lead_to_whom_care_can_write(office: Office, neighbours: Neighbours) -> None:
    neighbours.leads[ADDRESS] = lead = encode("cus", new_id())
    complaint = await _complain(office)
    await office.eventually_linked(complaint, lead)
    (event,) = await office.rows(_LINKED)
    assert lead in event["payload"]
    assert (await office.look("head", complaint))["history"][-1]["action"] == "customer_linked"
    assert await office.rows("SELECT 1 FROM complaint_contacts") == []


async def test_who_is_away_is_asked_again(office: Office, neighbours: Neighbours) -> None:
    neighbours.away = True
    neighbours.leads[ADDRESS] = lead = encode("cus", new_id())
    complaint = await _complain(office)
    await office.eventually("SELECT 1 FROM complaint_contacts WHERE attempts > 0")
    assert (await office.look("head", complaint))["customer_id"] is None
    neighbours.away = False
    office.clock.advance(120)
    await office.eventually_linked(complaint, lead)


@pytest.mark.parametrize("contact", ["the shop next door", "li@customer.example"])
async def test_several_customers_and_no_address_are_for_the_owner(
    office: Office, neighbours: Neighbours, contact: str
) -> None:
    if "@" in contact:
        neighbours.found = [{"id": encode("cus", new_id()), "tier": "gold"} for _ in range(2)]
    complaint = await _complain(office, contact=contact)
    await office.eventually("SELECT 1 WHERE NOT EXISTS (SELECT FROM complaint_contacts)")
    assert (await office.look("head", complaint))["customer_id"] is None


async def test_what_somebody_at_work_has_said_stays(office: Office, neighbours: Neighbours) -> None:
    neighbours.away = True
    complaint = await _complain(office)
    said = encode("cus", new_id())
    await office.do("head", f"/v1/complaints/{complaint['id']}/customer", {"customer_id": said})
    neighbours.leads[ADDRESS] = encode("cus", new_id())
    neighbours.away = False
    office.clock.advance(120)
    await office.eventually("SELECT 1 WHERE NOT EXISTS (SELECT FROM complaint_contacts)")
    assert (await office.look("head", complaint))["customer_id"] == said
