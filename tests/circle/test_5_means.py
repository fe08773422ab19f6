"""Other means and other ends: a card that is printed and posted, and a mail that arrived or not, nobody knows."""

from datetime import date
from typing import Any
from uuid import uuid4

from careline_local.demo.api import Json
from tests.circle.world import DAY, World
from tests.e2e.pdf import readings
from tests.e2e.stack import PROFILE, ROUTER
from tests.e2e.waiting import eventually, never

ADDRESS = {"lines": ["永定门东街 3 号", "北京市"], "postcode": "100050", "country": "CN"}


async def test_a_card_is_printed_posted_and_told(world: World) -> None:
    soon = (world.now() + 2 * DAY).date()
    customer = world.customer(name="贺知章", birthday=_on(soon))
    world.change(customer["id"], postal_address=ADDRESS)
    world.prefer(customer["id"], channel="letter")
    world.advance_to(soon, 11)
    item = await world.care_item(customer["id"], "birthday", "due")
    assert item["means"] == "card"
    world.given.add((customer["id"], "birthday", str(soon.year)))
    manager = world.stack.admin

    def waits() -> bool:
        return bool(_deliveries(world, item))

    await eventually(waits, seconds=10, what="the card in the router's queue")
    made = manager.post(f"{ROUTER}/card-lists", {}, key=uuid4().hex)

    def ready() -> Json | None:
        found = manager.get(f"{ROUTER}/card-lists/{made['id']}")
        return found if found["state"] == "ready" else None

    listed = await eventually(ready, seconds=20, what="the list of cards")
    assert (listed["cards"] >= 1, listed["glyphs_missing"]) == (True, False)
    pdf = manager.request("GET", f"{ROUTER}/card-lists/{made['id']}/pdf")
    assert pdf.content.startswith(b"%PDF-")
    pages = "\n".join(readings(pdf.content))
    assert "贺知章" in pages
    assert "永定门东街" in pages

    manager.post(f"{ROUTER}/card-lists/{made['id']}/posting", {})
    # The router's event brings it back to care.
    sent = await world.care_item(customer["id"], "birthday", "sent")
    assert sent["outcome"] == "sent"


async def test_after_a_lost_answer_it_is_unknown_and_never_sent_again(world: World) -> None:
    soon = (world.now() + 2 * DAY).date()
    customer = world.customer(birthday=_on(soon))
    world.mail_line.lose_the_answer_to(customer["address"])
    world.advance_to(soon, 11)
    item = await world.care_item(customer["id"], "birthday", "unknown")
    assert world.mail_line.lost[-1] == customer["address"]
    world.given.add((customer["id"], "birthday", str(soon.year)))
    assert [each["state"] for each in _deliveries(world, item)] == ["unknown"]
    assert len(world.mails(customer["address"])) == 1, "it did arrive"

    world.advance(DAY)

    def sent_again() -> bool:
        return len(world.mails(customer["address"])) > 1 or _deliveries(world, item)[0]["state"] != "unknown"

    await never(sent_again, seconds=2, what="a second greeting")
    # The line works again for everybody else.
    friend = world.customer()
    product = {"customer_id": friend["id"], "name": "电饭煲 R2", "bought_on": str(soon - 300 * DAY)}
    product |= {"warranty_ends_on": str(world.now().date() + 31 * DAY)}
    world.stack.admin.post(f"{PROFILE}/products", product)
    world.advance(DAY)
    await world.care_item(friend["id"], "warranty_ending", "sent")


def _deliveries(world: World, item: Json) -> list[Any]:
    return list(world.stack.admin.get(f"{ROUTER}/deliveries", care_id=item["id"])["items"])


def _on(day: date) -> Json:
    return {"calendar": "solar", "month": day.month, "day": day.day}
