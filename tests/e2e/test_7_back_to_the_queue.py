"""Step 7: decline, no answer, closed browser, lost line: back to the queue with its age, to somebody else; and why."""

import asyncio
from uuid import uuid4

import pytest
from playwright.async_api import expect

from careline_local.demo.api import Json
from tests.e2e.cable import Cable
from tests.e2e.conftest import OpenDesk
from tests.e2e.stack import GRACE_SECONDS, ROUTER, Colleague, Stack
from tests.e2e.waiting import eventually

# A missed offer ends after this.
TIMEOUT_SECONDS = 2
SOON_MS = 8_000
RECONNECTED_MS = 20_000


@pytest.fixture
def queue(stack: Stack) -> str:
    """A queue that only those whom the test hires can serve."""
    return stack.put_queue(f"q{uuid4().hex[:8]}", offer_timeout_seconds=30)


async def _offer_to(agent: Colleague, interaction_id: str, *, seconds: float = 8) -> Json:
    def look() -> Json | None:
        return next((each for each in agent.offers() if each["interaction"]["id"] == interaction_id), None)

    return await eventually(look, seconds=seconds, what=f"the offer to {agent.name}")


def _decisions(agent: Colleague, interaction_id: str) -> list[Json]:
    answer = agent.api.request("GET", f"{ROUTER}/interactions/{interaction_id}/decisions")
    assert answer.status_code == 200, answer.text
    return list(answer.json())


def _verdicts(decision: Json) -> dict[str, str]:
    return {reason["name"]: reason["because"] for reason in decision["reasons"]}


async def test_decline_goes_to_somebody_else_with_its_age_kept(stack: Stack, open_desk: OpenDesk, queue: str) -> None:
    first = await open_desk(stack.hire("First", [queue]))
    matter = stack.open_matter(queue, subject="Please take me")
    await expect(first.offer("Please take me")).to_be_visible()
    second = stack.hire("Second", [queue])
    second.go("available")
    await asyncio.sleep(1)
    await first.decline("Please take me")
    offer = await _offer_to(second, matter["id"])
    assert offer["interaction"]["waiting_since"] == matter["waiting_since"], "its age is kept"
    assert offer["why"]["waited_seconds"] >= 1
    await expect(first.offer()).to_have_count(0)

    second.accept(offer)
    newest = _decisions(second, matter["id"])[0]
    assert _verdicts(newest)["First"] == "declined"
    assert newest["chosen_agent"]["name"] == "Second"


async def test_no_answer_goes_to_somebody_else_and_the_agent_is_told(stack: Stack, open_desk: OpenDesk) -> None:
    queue = stack.put_queue(f"q{uuid4().hex[:8]}", offer_timeout_seconds=TIMEOUT_SECONDS)
    first = stack.hire("Asleep", [queue])
    desk = await open_desk(first)
    matter = stack.open_matter(queue, subject="Is anybody there")
    await expect(desk.offer("Is anybody there")).to_be_visible()
    second = stack.hire("Awake", [queue])
    second.go("available")
    offer = await _offer_to(second, matter["id"])
    assert offer["interaction"]["waiting_since"] == matter["waiting_since"]
    second.accept(offer)

    # She sees that she missed it, and comes back with one press.
    await desk.has_presence("not_responding")
    await expect(desk.page.get_by_text(desk.words("offer.missed_state"))).to_be_visible()
    await desk.page.get_by_role("button", name=desk.words("offer.come_back")).click()
    await desk.has_presence("available")
    assert _verdicts(_decisions(second, matter["id"])[0])["Asleep"] in {"missed", "not_responding"}


async def test_a_closed_browser_gives_the_work_back(stack: Stack, open_desk: OpenDesk, queue: str) -> None:
    desk = await open_desk(stack.hire("Leaving", [queue]))
    held = stack.open_matter(queue, subject="Held by her")
    await desk.accept("Held by her")
    offered = stack.open_matter(queue, subject="Only offered")
    await expect(desk.offer("Only offered")).to_be_visible()
    await desk.page.context.close()
    second = stack.hire("Staying", [queue])
    second.go("available")
    for matter in (held, offered):
        offer = await _offer_to(second, matter["id"], seconds=GRACE_SECONDS + 6)
        assert offer["interaction"]["waiting_since"] == matter["waiting_since"]


async def test_a_lost_line_gives_the_work_back_and_the_page_says_so(
    stack: Stack, open_desk: OpenDesk, cable: Cable, queue: str
) -> None:
    desk = await open_desk(stack.hire("In A Tunnel", [queue]), proxy=cable.proxy)
    matter = stack.open_matter(queue, subject="Waits in the tunnel")
    await desk.accept("Waits in the tunnel")
    await desk.composer.fill("half a sentence")
    await cable.cut()
    await expect(desk.page.get_by_text(desk.words.pattern("feed.offline_bar"))).to_be_visible(timeout=SOON_MS)
    second = stack.hire("In The Light", [queue])
    second.go("available")
    offer = await _offer_to(second, matter["id"], seconds=GRACE_SECONDS + 6)
    assert offer["interaction"]["waiting_since"] == matter["waiting_since"]
    second.accept(offer)

    # Back on the line the page shows how it is now: the work is gone, and so is she until she says otherwise.
    await cable.mend()
    await expect(desk.page.locator('[data-feed="live"]')).to_be_visible(timeout=RECONNECTED_MS)
    await desk.has_presence("offline")
    await expect(desk.composer).to_have_count(0)
    newest = _decisions(second, matter["id"])[0]
    assert newest["chosen_agent"]["name"] == "In The Light"


async def test_a_short_loss_loses_nothing(stack: Stack, open_desk: OpenDesk, cable: Cable, queue: str) -> None:
    agent = stack.hire("Flickering", [queue])
    desk = await open_desk(agent, proxy=cable.proxy)
    first = stack.open_matter(queue, subject="Before the loss")
    await desk.accept("Before the loss")
    await cable.cut()
    await expect(desk.page.locator('[data-feed="live"]')).to_have_count(0, timeout=SOON_MS)
    notes = await desk.take_notes()
    await notes.fill("written while the line was away")
    stack.open_matter(queue, subject="During the loss")
    await cable.mend()
    await expect(desk.page.locator('[data-feed="live"]')).to_be_visible(timeout=RECONNECTED_MS)
    await desk.has_presence("available")
    await expect(desk.offer("During the loss")).to_be_visible(timeout=SOON_MS)
    await expect(notes).to_have_value("written while the line was away")
    assert desk.interaction_id() == first["id"]
    await notes.press("Control+Enter")
    await desk.has_message("written while the line was away")


async def test_work_that_nobody_has_the_skill_for_waits_and_is_seen_waiting(
    stack: Stack, open_desk: OpenDesk, queue: str
) -> None:
    stack.hire("Without", ["mail"]).go("available")
    matter = stack.open_matter(queue, subject="Needs a rare skill")
    supervisor = await open_desk(stack.hire("Sees It", roles=["supervisor"]), status=None)
    await supervisor.page.get_by_role("link", name=supervisor.words("rail.supervision")).click()
    row = supervisor.page.locator("tbody tr").filter(has_text="Needs a rare skill")
    await expect(row).to_contain_text(supervisor.words("waiting_reason.nobody_has_skill"))
    (waiting,) = [each for each in stack.waiting() if each["interaction_id"] == matter["id"]]
    assert waiting["reason"] == "nobody_has_skill"

    # Somebody learns it: the work goes to her at once.
    late = stack.hire("Learnt It", [queue])
    late.go("available")
    offer = await _offer_to(late, matter["id"])
    assert offer["interaction"]["waiting_since"] == matter["waiting_since"]
    await expect(row).to_have_count(0, timeout=SOON_MS)


async def test_why_me_names_everybody_and_the_replay_agrees(stack: Stack, open_desk: OpenDesk, queue: str) -> None:
    stack.hire("On Break", [queue]).go("break")
    stack.hire("No Skill", ["mail"]).go("available")
    full = stack.hire("Full", [queue], mail=1)
    full.go("available")
    first = stack.open_matter(queue, subject="Fills her")
    full.accept(await _offer_to(full, first["id"]))
    chosen = await open_desk(stack.hire("The Chosen", [queue]))
    matter = stack.open_matter(queue, subject="Who and why")
    await chosen.accept("Who and why")

    await chosen.page.get_by_role("button", name=chosen.words("why.open")).click()
    dialog = chosen.page.get_by_role("dialog", name=chosen.words("why.title"))
    expected = {"The Chosen": "longest_idle", "On Break": "not_available", "No Skill": "lacks_skill"}
    for name, because in (expected | {"Full": "at_capacity"}).items():
        reason = dialog.locator(".reason").filter(has_text=name)
        await expect(reason.first).to_contain_text(chosen.words(f"because.{because}"))
    await expect(dialog.locator('[data-verdict="chosen"]')).to_have_count(1)

    answer = await chosen.page.evaluate("location.href")
    assert matter["id"] in answer
    for decision in _decisions(full, first["id"]):
        assert decision["replayed"] is True
