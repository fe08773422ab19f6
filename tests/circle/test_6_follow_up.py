"""Service on site is followed up by a mail that is answered by writing back; strangers who complain are told."""

from contextlib import closing
from email.message import EmailMessage
from uuid import uuid4

import httpx

from careline_local.demo.api import ClientCaller, Json
from tests.circle.world import DAY, FEEDBACK, SURVEY_LINK, World, text_of
from tests.e2e.mails import Letter
from tests.e2e.stack import DIRECTORY, ROUTER
from tests.e2e.waiting import eventually


async def test_on_site_service_is_followed_up_and_answered_by_mail(world: World) -> None:
    # All customers of gold are asked.
    customer = world.customer(tier="gold")
    visit = await _visited(world, customer["address"])
    sample = await _sample(world, visit)
    assert (sample["reason"], sample["channel"], sample["customer_id"]) == ("visit", "in_person", customer["id"])
    assert sample["decision"] == "sampled"

    world.advance(DAY)
    question = await world.mail(customer["address"], SURVEY_LINK.pattern)
    _write_back(world, customer["address"], question, "4\n\n师傅很准时，谢谢。")

    def answered() -> Json | None:
        found = world.stack.admin.get(f"{FEEDBACK}/invitations/{sample['invitation_id']}")["answer"]
        return dict(found) if found else None

    answer = await eventually(answered, seconds=20, what="the answer by mail")
    assert (answer["channel"], answer["scores"]["csat"]) == ("mail", 4)
    assert "师傅很准时" in str(answer["answers"])
    link = SURVEY_LINK.search(text_of(question))
    assert link is not None
    by_link = {"answers": {"satisfaction": 1}}
    again = _post(f"{world.stack.origin}{FEEDBACK}/invitations/by-token/{link[1]}/answers", by_link)
    assert again.status_code == 409, "once, whatever the way"


async def test_strangers_who_complain_are_told_that_we_have_it(world: World) -> None:
    """By a partner's program and by the form; nobody knows their addresses yet."""
    by_partner, by_form = (f"{uuid4().hex[:10]}@strangers.example" for _ in range(2))
    scopes = {"name": "Repair shop", "scopes": ["complaints:write"]}
    client = world.stack.admin.post(f"{DIRECTORY}/clients", scopes)
    body = {"kind": "delivery", "contact": by_partner, "text": "箱子破了", "reference": "R-7"}
    with closing(ClientCaller(world.stack.origin, client["id"], client["secret"])) as shop:
        passed_on = shop.post(f"{FEEDBACK}/complaints/partner", body, key=uuid4().hex)
    form = {"kind": "product", "contact": by_form, "text": "水壶漏水"}
    received = _post(f"{world.stack.origin}{FEEDBACK}/complaints/web", form)
    assert received.status_code == 201, received.text

    for address, number in ((by_partner, passed_on["number"]), (by_form, received.json()["number"])):
        told = await world.mail(address, number)
        assert "List-Unsubscribe" not in told, "a notice, no advertisement"

    supervisor = world.person("wangfang")

    def acknowledged() -> Json | None:
        seen = supervisor.get(f"{FEEDBACK}/complaints/{passed_on['id']}")
        return seen if seen["acknowledged_at"] else None

    complaint = await eventually(acknowledged, seconds=10, what="the acknowledgement in the complaint")
    assert complaint["source"] == "partner"
    assert complaint["owner_id"]


async def _visited(world: World, address: str) -> str:
    """A technician's visit that a partner reports and an agent closes."""
    skill = f"skill-{uuid4().hex[:6]}"
    world.stack.put_queue(skill)
    agent = world.stack.hire("Ada", [skill])
    agent.go("available")
    body = {
        "external_id": uuid4().hex,
        "channel": "in_person",
        "queue": skill,
        "customer": {"identifier": {"type": "email", "value": address}},
        "subject": "上门维修",
        "text": "更换了水龙头。",
        "occurred_at": "2026-11-20T10:00:00Z",
    }
    visit = world.stack.partner.post(f"{ROUTER}/interactions", body, key=uuid4().hex)
    (offer,) = await eventually(agent.offers, seconds=10, what="an offer")
    agent.accept(offer)
    agent.api.post(f"{ROUTER}/interactions/{visit['id']}/verification", {"method": "agent_check"})
    agent.close(visit["id"])
    return str(visit["id"])


def _post(address: str, body: Json) -> httpx.Response:
    """What somebody does who has no account."""
    return httpx.post(address, json=body, headers={"Idempotency-Key": uuid4().hex}, timeout=10)


async def _sample(world: World, interaction_id: str) -> Json:
    def decided() -> Json | None:
        found = world.stack.admin.get(f"{FEEDBACK}/samples", subject=interaction_id)["items"]
        return found[0] if found and found[0]["decision"] else None

    return await eventually(decided, seconds=20, what="the decision whether to ask")


def _write_back(world: World, address: str, question: EmailMessage, text: str) -> None:
    """Answer as a mail program does, with the question quoted below."""
    quoted = "\n".join(f"> {line}" for line in text_of(question).splitlines())
    headers = {"In-Reply-To": str(question["Message-ID"]), "References": str(question["Message-ID"])}
    letter = Letter(address, f"{text}\n\n{quoted}", subject=f"Re: {question['Subject']}", headers=headers)
    world.stack.post.send(letter, signed_by=None)
