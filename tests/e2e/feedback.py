"""Surveys and complaints as tests bring them about: by the same doors as customers, partners and services."""

import asyncio
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from careline.ids import decode
from careline_local.demo.api import ClientCaller, Json
from careline_local.system.databases import database_url
from careline_local.system.services import SERVICES
from tests.e2e.stack import DIRECTORY, PROFILE, ROUTER, Colleague, Stack
from tests.e2e.waiting import eventually

CARE = "/api/care/v1"
FEEDBACK = "/api/feedback/v1"
_WORKS_IN = "SELECT department_id FROM people WHERE id = $1"
# Care asks feedback at most every few seconds, and the queue its agents after it.
CARE_SECONDS = 20


def department(stack: Stack, key: str) -> Json:
    """A department of the demo."""
    return next(each for each in stack.admin.get(f"{DIRECTORY}/departments")["items"] if each["key"] == key)


async def move_to(stack: Stack, colleague: Colleague, key: str) -> Json:
    """Let a colleague work in a department, and wait until feedback knows."""
    found = department(stack, key)
    stack.admin.send("PATCH", f"{DIRECTORY}/people/{colleague.id}", json={"department_id": found["id"]})

    feedback = next(each for each in SERVICES if each.name == "feedback")
    connection = await asyncpg.connect(database_url(stack.system.postgresql.address, feedback, stack.system.vault))
    try:
        # What the directory says comes by Kafka; whoever is not known yet would own nothing.
        async with asyncio.timeout(10):
            while await connection.fetchval(_WORKS_IN, decode("per", colleague.id)) != decode("dep", found["id"]):
                await asyncio.sleep(0.05)
    finally:
        await connection.close()
    return found


def ask_everybody_at_once(stack: Stack) -> None:
    """Rules of asking under which each closing is asked about, without a pause and without a wait."""
    policy = stack.admin.get(f"{FEEDBACK}/sampling-policy")
    body = {name: policy[name] for name in ("excluded_dispositions", "reasons")}
    body["reasons"] = [{**reason, "wait_hours": 0} for reason in policy["reasons"]]
    body |= {"pause_days": 0, "rates": [{"channel": "*", "tier": "*", "rate": 1.0}]}
    version = {"If-Match": f'"{policy["version"]}"'}
    stack.admin.send("PUT", f"{FEEDBACK}/sampling-policy", json=body, headers=version)


def tier_that_is_called(stack: Stack) -> str:
    """A tier of this test alone whose customers are asked on the phone instead of by mail."""
    tier = f"t{uuid4().hex[:8]}"
    cell = {"means": "phone_task", "template_key": "follow_up"}
    stack.admin.put(f"{CARE}/matrix/{tier}/follow_up", cell)
    return tier


def new_customer(stack: Stack, name: str, *, language: str = "en", tier: str = "regular") -> tuple[str, str]:
    """Somebody who agrees to be asked by mail and on the phone at any hour; her id and her address."""
    address = f"{uuid4().hex[:10]}@customers.example"
    number = f"+86138{uuid4().int % 10**8:08d}"
    identifiers = [
        {"type": "email", "value": address, "verified": True},
        {"type": "phone", "value": number, "verified": True},
    ]
    body: Json = {"name": name, "language": language, "tier": tier, "identifiers": identifiers}
    customer = stack.admin.post(f"{PROFILE}/customers", body, key=uuid4().hex)
    path = f"{PROFILE}/customers/{customer['id']}"
    for channel in ("mail", "phone"):
        consent = {"purpose": "survey", "channel": channel, "state": "granted", "source": "test"}
        stack.admin.post(f"{path}/consents", consent)
    far_away = datetime.now(UTC) + timedelta(hours=8)
    quiet = {"time_zone": "UTC", "quiet_from": f"{far_away:%H}:00", "quiet_to": f"{far_away:%H}:30"}
    stack.admin.put(f"{path}/preferences", quiet)
    return str(customer["id"]), address


async def closed_matter(stack: Stack, agent: Colleague, queue: str, address: str) -> str:
    """A matter that a partner brings, an agent checks whose it is, and finishes."""
    stack.open_matter(queue, subject="A visit", email=address)
    offer = (await eventually(agent.offers, seconds=5, what="the offer"))[0]
    interaction_id = agent.accept(offer)
    agent.api.post(f"{ROUTER}/interactions/{interaction_id}/verification", {"method": "agent_check"})
    agent.close(interaction_id)
    return interaction_id


async def invitation(stack: Stack, customer_id: str) -> Json:
    """The invitation of a customer who was drawn."""

    def drawn() -> Any:
        return stack.admin.get(f"{FEEDBACK}/invitations", customer_id=customer_id)["items"]

    return dict((await eventually(drawn, seconds=10, what="the invitation"))[0])


def survey_link(stack: Stack, invitation_id: str) -> str:
    """The link as care puts it into the mail: nobody else is told."""
    secret = stack.system.vault.password("client care-scheduler")
    with closing(ClientCaller(stack.origin, "care-scheduler", secret)) as care:
        contents = care.post(f"{FEEDBACK}/care-contents", {"references": [invitation_id]})
    return str(contents["items"][0]["values"]["link"])


def answer_of(stack: Stack, invitation_id: str) -> Json:
    """What was answered."""
    return dict(stack.admin.get(f"{FEEDBACK}/invitations/{invitation_id}")["answer"])
