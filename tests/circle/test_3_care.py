"""Each occasion becomes one event on Kafka and reaches the customer by the means of the matrix, or says why not."""

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from careline_local.demo.api import Json
from tests.circle.world import CARE, DAY, FEEDBACK, World, text_of
from tests.e2e.stack import PROFILE, ROUTER
from tests.e2e.waiting import eventually

CHINA = ZoneInfo("Asia/Shanghai")
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
    await world.greeted(customer["id"], "birthday", str(soon.year))
    await world.greeted(customer["id"], "warranty_ending")
    await world.greeted(buyer["id"], "purchase_overdue")
    greetings = [mail for mail in world.mails(customer["address"]) if "生日" in text_of(mail)]
    assert len(greetings) == 1
    assert _one_click(greetings[0])

    world.advance_to(GREAT_COLD, 11)
    await world.greeted(customer["id"], "great_cold", "2027")
    # A customer is one since the day on which she really came, however far the demo's time has been moved.
    world.advance_to(_three_months_after(datetime.now(CHINA).date()), 11)
    await world.greeted(customer["id"], "three_months", "3m")


async def test_a_leap_month_birthday_and_29_february(world: World) -> None:
    """Lunar 6-15 born in a leap month is kept in the ordinary one; 29 February in a common year on its eve."""
    lunar = world.customer(birthday={"calendar": "lunar", "month": 6, "day": 15})
    leapling = world.customer(birthday={"calendar": "lunar", "month": 6, "day": 15, "leap_month": True})
    rare = world.customer(birthday={"calendar": "solar", "month": 2, "day": 29, "year": 1992})
    soon = world.now().date() + 3 * DAY
    missed = world.customer(birthday={"calendar": "solar", "month": soon.month, "day": soon.day})
    await world.care_item(missed["id"], "birthday", "planned")
    # Lunar 2027-6-15 is 18 July; tables of other years are checked in the scheduler's tests.
    world.advance_to(date(2027, 7, 18), 11)
    for customer in (lunar, leapling):
        await world.greeted(customer["id"], "birthday", "2027")
    # What nobody looked at for months is not sent late.
    await world.care_item(missed["id"], "birthday", "expired")
    world.advance_to(MID_AUTUMN, 11)
    await world.greeted(leapling["id"], "mid_autumn", "2027")
    world.advance_to(date(2029, 2, 28), 11)

    def greeted() -> bool:
        return any(item["occasion_key"] == "2029" and item["state"] == "sent" for item in birthdays())

    def birthdays() -> list[Json]:
        return world.care_items(rare["id"], "birthday")

    await eventually(greeted, seconds=20, what="a greeting on 28 February")
    world.given.add((rare["id"], "birthday", "2029"))


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


async def test_quiet_hours_of_the_customers_zone_hold_a_call_and_then_a_gold_customer_is_called(world: World) -> None:
    soon = (world.now() + 2 * DAY).date()
    phone = {"type": "phone", "value": f"+86139{uuid4().int % 10**8:08d}", "verified": True}
    birthday = {"calendar": "solar", "month": soon.month, "day": soon.day}
    customer = world.customer(tier="gold", birthday=birthday, identifiers=[phone])
    # From ten to twelve in China, where nobody would be disturbed before eleven if the zone were forgotten.
    world.prefer(customer["id"], time_zone="Asia/Tokyo", quiet_from="11:00", quiet_to="13:00")
    agent = world.stack.hire("Caller", ["phone_care"])
    world.advance_to(soon, 10, 30)
    held = await world.care_item(customer["id"], "birthday", "held")
    asleep = world.why(held)["quiet_hours"]
    assert (asleep["verdict"], asleep["facts"]["time_zone"]) == ("hold", "Asia/Tokyo")
    assert datetime.fromisoformat(asleep["facts"]["until"]) == datetime.fromisoformat(f"{soon}T13:00:00+09:00")

    def task_of_customer() -> Json | None:
        tasks = [each for each in agent.offers() if each["interaction"]["customer"]["id"] == customer["id"]]
        return tasks[0] if tasks else None

    assert world.stack.admin.get(f"{ROUTER}/deliveries", care_id=held["id"])["items"] == [], "nobody is called"
    world.advance_to(soon, 12, 10)
    item = await world.care_item(customer["id"], "birthday", "due")
    assert item["means"] == "phone_task"
    assert world.why(item)["quiet_hours"]["verdict"] == "pass"
    agent.go("available")

    interaction_id = agent.accept(await eventually(task_of_customer, seconds=20, what="the task"))
    task = agent.api.get(f"{ROUTER}/interactions/{interaction_id}")["task"]
    assert task["care_id"] == item["id"]
    assert task["script"]
    agent.close(interaction_id, "reached")
    done = await world.care_item(customer["id"], "birthday", "done")
    assert done["outcome"] == "reached"
    world.given.add((customer["id"], "birthday", item["occasion_key"]))


async def test_cap_open_complaint_and_chosen_channel_say_why_and_why_not(world: World) -> None:
    soon = (world.now() + 2 * DAY).date()
    birthday = {"calendar": "solar", "month": soon.month, "day": soon.day}
    phone = {"type": "phone", "value": f"+86137{uuid4().int % 10**8:08d}", "verified": True}
    cared_for, complains, wants_none = (world.customer(birthday=birthday) for _ in range(3))
    wants_call = world.customer(birthday=birthday, identifiers=[phone])
    _owns(world, cared_for["id"], ends_on=soon + 30 * DAY)
    world.prefer(wants_none["id"], channel="none")
    world.prefer(wants_call["id"], channel="phone")
    complaint = {"kind": "product", "customer_id": complains["id"], "text": "水壶漏水"}
    world.person("wangfang").post(f"{FEEDBACK}/complaints", complaint, key=uuid4().hex)
    await world.care_item(complains["id"], "complaint_acknowledged", "sent")
    world.advance_to(soon, 11)

    # One a day, and the warranty goes before the birthday.
    first = await world.greeted(cared_for["id"], "warranty_ending")
    assert world.why(first)["cap"]["verdict"] == "pass"
    capped = await world.care_item(cared_for["id"], "birthday", "suppressed")
    verdict = world.why(capped)["cap"]
    assert (capped["gate"], verdict["verdict"], verdict["facts"]["cap"]) == ("cap", "no", "1 in 1 days")
    refused = await world.care_item(complains["id"], "birthday", "suppressed")
    assert world.why(refused)["complaint"]["reason"] == "open_complaint"
    left_alone = await world.care_item(wants_none["id"], "birthday", "suppressed")
    assert world.why(left_alone)["channel"]["reason"] == "wants_none"
    called = await world.care_item(wants_call["id"], "birthday", "due")
    chosen = world.why(called)["channel"]
    assert (called["means"], chosen["verdict"], chosen["reason"]) == ("phone_task", "pass", "chosen_by_customer")
    world.given.add((wants_call["id"], "birthday", str(soon.year)))


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


def _three_months_after(day: date) -> date:
    """The same day of the third month, or the last that it has."""
    year, month = divmod(day.year * 12 + day.month + 2, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
