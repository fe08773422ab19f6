"""Each occasion becomes one event on Kafka and reaches the customer by the means of the matrix, or says why not."""

import json
import re
import subprocess
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import uuid4

import httpx
import pytest

from careline_local.demo.api import Json
from careline_local.parts.jars import class_path
from careline_local.parts.java import java
from tests.circle.world import CARE, DAY, World, text_of
from tests.e2e.stack import PROFILE, ROUTER
from tests.e2e.waiting import eventually

MID_AUTUMN = date(2027, 9, 15)
GREAT_COLD = date(2027, 1, 20)


async def test_occasions_reach_the_customer_once(world: World) -> None:
    """Birthday, 大寒, three months, an overdue purchase and a warranty, while weeks go by in leaps."""
    today = world.now().date()
    soon = today + 3 * DAY
    birthday = {"calendar": "solar", "month": soon.month, "day": soon.day}
    customer = world.customer(birthday=birthday)
    # On another day, because the cap lets one piece of care a day through.
    _owns(world, customer["id"], ends_on=today + 35 * DAY)
    buyer = world.customer()
    _buys_regularly(world, buyer["address"], until=today - 9 * DAY)
    for day in range(1, 8):
        world.advance_to(today + day * DAY, 11)
        await world.stack_settles()
    await world.care_item(customer["id"], "birthday", "sent")
    await world.care_item(customer["id"], "warranty_ending", "sent")
    await world.care_item(buyer["id"], "purchase_overdue", "sent")
    greetings = [mail for mail in world.mails(customer["address"]) if "生日" in text_of(mail)]
    assert len(greetings) == 1
    assert _one_click(greetings[0])

    events = _care_due(world)
    keys = [(event["customer_id"], event["occasion"], event["occasion_key"]) for event in events]
    assert len(set(keys)) == len(keys)
    assert (customer["id"], "birthday", str(soon.year)) in keys

    world.advance_to(GREAT_COLD, 11)
    great_cold = await world.care_item(customer["id"], "great_cold", "sent")
    assert great_cold["occasion_key"] == "2027"
    world.advance_to(today + 95 * DAY, 11)
    await world.care_item(customer["id"], "three_months", "expired")


async def test_a_leap_month_birthday_and_29_february(world: World) -> None:
    """Lunar 6-15 born in a leap month is kept in the ordinary one; 29 February in a common year on its eve."""
    leapling = world.customer(birthday={"calendar": "lunar", "month": 6, "day": 15, "leap_month": True})
    rare = world.customer(birthday={"calendar": "solar", "month": 2, "day": 29, "year": 1992})
    # Lunar 2027-6-15 is 18 July; tables of other years are checked in the scheduler's tests.
    world.advance_to(date(2027, 7, 18), 11)
    item = await world.care_item(leapling["id"], "birthday", "sent")
    assert item["occasion_key"] == "2027"
    world.advance_to(MID_AUTUMN, 11)
    feast = await world.care_item(leapling["id"], "mid_autumn", "sent")
    assert feast["occasion_key"] == "2027"
    world.advance_to(date(2029, 2, 28), 11)

    def greeted() -> bool:
        return any(item["occasion_key"] == "2029" and item["state"] == "sent" for item in birthdays())

    def birthdays() -> list[Json]:
        return world.care_items(rare["id"], "birthday")

    await eventually(greeted, seconds=20, what="a greeting on 28 February")


@pytest.mark.parametrize(
    ("refusal", "gate"),
    [("withdrawn", "consent"), ("letters only", "address"), ("unsubscribed", "consent")],
)
async def test_why_not(world: World, refusal: str, gate: str) -> None:
    soon = (world.now() + 2 * DAY).date()
    customer = world.customer(birthday={"calendar": "solar", "month": soon.month, "day": soon.day})
    if refusal == "withdrawn":
        world.consent(customer["id"], "marketing", "mail", "withdrawn")
    elif refusal == "letters only":
        preferences = {"channel": "letter", "time_zone": None, "quiet_from": None, "quiet_to": None}
        world.stack.admin.put(f"{PROFILE}/customers/{customer['id']}/preferences", preferences)
    else:
        await _unsubscribe(world, customer)
    world.advance_to(soon, 11)
    item = await world.care_item(customer["id"], "birthday", "suppressed")
    assert gate in item["gate"], item
    why = world.stack.admin.get(f"{CARE}/care-items/{item['id']}")
    verdicts = {each["gate"]: each["verdict"] for judgement in why["judgements"] for each in judgement["gates"]}
    assert verdicts[item["gate"]] == "no", why
    assert len(verdicts) > 1, "all gates are shown"
    assert refusal != "unsubscribed" or verdicts["suppression"] == "no"


async def test_quiet_hours_hold_a_call_and_a_gold_customer_is_called(world: World) -> None:
    soon = (world.now() + 2 * DAY).date()
    phone = {"type": "phone", "value": f"+86139{uuid4().int % 10**8:08d}", "verified": True}
    birthday = {"calendar": "solar", "month": soon.month, "day": soon.day}
    customer = world.customer(tier="gold", birthday=birthday, identifiers=[phone])
    agent = world.stack.hire("Caller", ["phone_care"])
    world.advance_to(soon, 11)
    item = await world.care_item(customer["id"], "birthday", "due")
    assert item["means"] == "phone_task"
    agent.go("available")

    def task_of_customer() -> Json | None:
        tasks = [each for each in agent.offers() if each["interaction"]["customer"]["id"] == customer["id"]]
        return tasks[0] if tasks else None

    interaction_id = agent.accept(await eventually(task_of_customer, seconds=20, what="the task"))
    task = agent.api.get(f"{ROUTER}/interactions/{interaction_id}")["task"]
    assert task["care_id"] == item["id"]
    assert task["script"]
    agent.close(interaction_id, "reached")
    done = await world.care_item(customer["id"], "birthday", "done")
    assert done["outcome"] == "reached"


async def _unsubscribe(world: World, customer: Json) -> None:
    """Take the link out of a greeting and follow it as a mail program does."""
    soon = (world.now() + DAY).date()
    _owns(world, customer["id"], ends_on=soon + 30 * DAY)
    world.advance_to(soon, 11)
    await world.care_item(customer["id"], "warranty_ending", "sent")
    greeting = await world.mail(customer["address"], "")
    async with httpx.AsyncClient() as mail_program:
        assert (await mail_program.get(_one_click(greeting))).status_code == 200
        answer = await mail_program.post(_one_click(greeting), data={"List-Unsubscribe": "One-Click"})
    assert answer.is_success, answer.text


def _one_click(mail: EmailMessage) -> str:
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.search(r"<(http[^>]+)>", mail["List-Unsubscribe"])
    assert found is not None
    return found[1]


def _owns(world: World, customer_id: str, *, ends_on: date) -> None:
    product = {
        "customer_id": customer_id,
        "name": "电饭煲 R2",
        "bought_on": (ends_on - timedelta(days=365)).isoformat(),
        "warranty_ends_on": ends_on.isoformat(),
    }
    world.stack.admin.post(f"{PROFILE}/products", product)


def _buys_regularly(world: World, address: str, *, until: date) -> None:
    """Ten purchases ten days apart; the next one should come within days."""
    for number in range(10):
        key = uuid4().hex
        body = {
            "external_id": key,
            "customer": {"identifier": {"type": "email", "value": address}},
            "purchased_at": f"{(until - number * 10 * DAY).isoformat()}T04:00:00Z",
            "items": [{"name": "奶粉", "quantity": 1, "amount_minor": 19900}],
            "total_minor": 19900,
            "currency": "CNY",
        }
        world.stack.partner.post(f"{PROFILE}/purchases", body, key=key)


def _care_due(world: World) -> list[dict[str, Any]]:
    """Every `care.due` on Kafka, read by the console consumer that comes with Kafka."""
    program = "org.apache.kafka.tools.consumer.ConsoleConsumer"
    kafka = world.stack.system.kafka.address
    options = ["--bootstrap-server", kafka, "--topic", "careline.care", "--from-beginning", "--timeout-ms", "8000"]
    command = [str(java()), "-Xmx128m", "-cp", class_path("kafka-tools"), program, *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert all(event["specversion"] == "1.0" for event in events)
    return [event["data"] for event in events if event["type"] == "care.due"]
