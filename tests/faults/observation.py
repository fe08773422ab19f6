"""Reads from the databases what the checker compares with the history."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from careline.ids import decode, encode
from tests.faults.care_observation import observe_care, observe_cases, observe_samples
from tests.faults.databases import DATABASES, EMITTERS, Databases, Marks
from tests.faults.history import History
from tests.faults.observed import Care, Effect, Emitted, Observed, Stored
from tests.faults.wishes import GREETED

_PURCHASES = """
SELECT external_id, id, customer_id, total_minor FROM purchases WHERE external_id LIKE $1 || '-%'
"""
_INTERACTIONS = """
SELECT split_part(m.external_id, ':', 2) AS name, i.id, i.subject, i.state, i.agent_id
FROM messages m JOIN interactions i ON i.id = m.interaction_id WHERE m.external_id LIKE '%:' || $1 || '-%'
"""
_OTHERS = "SELECT id FROM interactions WHERE id = ANY($1::uuid[]) AND id <> ALL($2::uuid[])"
_PEOPLE = "SELECT login, id, name FROM people WHERE login LIKE $1 || '-%'"
_CUSTOMERS = f"""
SELECT id, name, birthday->>'month' || '-' || (birthday->>'day') AS birthday FROM customers
WHERE name LIKE '{GREETED} ' || $1 || '-%'
"""  # noqa: S608 -- a word of ours
_COMPLAINTS = "SELECT reference, id, customer_id, kind FROM complaints WHERE reference LIKE $1 || '-%'"
_OFFERS = """
SELECT o.complaint_id, o.state, o.answered_by FROM handover_offers o JOIN complaints c ON c.id = o.complaint_id
WHERE c.reference LIKE $1 || '-%'
"""
_ANSWERS = """
SELECT a.invitation_id, a.csat FROM answers a JOIN invitations i ON i.id = a.invitation_id
WHERE i.interaction_id = ANY($1::uuid[])
"""
_REFUSALS = """
SELECT s.customer_id, i.id AS care_id FROM suppressions s JOIN care_items i USING (customer_id)
WHERE s.customer_id = ANY($1::uuid[]) AND i.occasion = 'birthday' AND (s.purpose, s.channel) = ('marketing', 'mail')
"""
_EMITTED = """
SELECT id, type, aggregatetype, aggregateid, sequence,
       coalesce(payload->'data'->>'purchase_id', aggregateid) AS subject, payload->'data'->>'owner_id' AS owner,
       payload->'data'->>'customer_id' AS customer
FROM outbox_archive WHERE position > $1
"""
_EFFECTS = "SELECT event_id, type, aggregate, sequence FROM effects WHERE position > $1 ORDER BY position"
_TIMELINE = "SELECT id, facts->>'state' AS state FROM timeline_entries WHERE id = ANY($1::uuid[])"

# What is still on its way.
_UNSETTLED = frozenset({"planned", "held", "due"})


async def settled(databases: Databases, history: History, marks: Marks) -> bool:
    """Whether nothing is on its way any more, as far as counting tells."""
    if not await databases.counted_since(marks):
        return False
    interactions = await databases.rows("router", _INTERACTIONS, history.tag)
    if any(row["state"] != "closed" for row in interactions):
        return False
    shown = await databases.rows("profile", _TIMELINE, [row["id"] for row in interactions])
    if len(shown) < len(interactions) or any(row["state"] != "closed" for row in shown):
        return False
    observed = await observe_wishes(databases, history, interactions)
    return (
        len(observed.care) >= len(observed.wanted)
        and all(_ended(each) for each in observed.care)
        and len(observed.samples) >= len(interactions)
        and all(each.decision is not None for each in observed.samples)
        and not any(timer.waits for each in observed.cases for timer in each.timers)
    )


def _ended(care: Care) -> bool:
    return care.state not in _UNSETTLED and care.agrees and all(each.ended for each in care.deliveries)


async def observe(databases: Databases, history: History, marks: Marks) -> Observed:
    """Everything that the run has left behind, but for the mails."""
    interactions = await databases.rows("router", _INTERACTIONS, history.tag)
    timeline = await databases.rows("profile", _TIMELINE, [row["id"] for row in interactions])
    observed = await observe_wishes(databases, history, interactions)
    observed.stored += [
        *_purchases(await databases.rows("profile", _PURCHASES, history.tag)),
        *_people(await databases.rows("directory", _PEOPLE, history.tag)),
        *_interactions(interactions),
    ]
    for name in EMITTERS:
        observed.emitted += [_emitted(name, row) for row in await databases.rows(name, _EMITTED, marks.archived[name])]
    observed.effects = [
        Effect(str(row["event_id"]), row["type"], row["aggregate"], row["sequence"])
        for row in await databases.rows("witness", _EFFECTS, marks.effects)
    ]
    observed.timeline = [(encode("int", row["id"]), row["state"]) for row in timeline]
    observed.interactions = {encode("int", row["id"]): row["state"] for row in interactions}
    closures = [decode("int", each.name) for each in history.of("closure")]
    others = await databases.rows("router", _OTHERS, closures, [row["id"] for row in interactions])
    observed.earlier = {encode("int", row["id"]) for row in others}
    agents = await databases.rows("router", "SELECT id FROM agents")
    observed.people_at_the_router = {encode("per", row["id"]) for row in agents}
    for name in DATABASES:
        observed.unsent[name] = await databases.value(name, "SELECT count(*) FROM outbox")
        observed.parked[name] = await databases.value(name, "SELECT count(*) FROM parked_events")
    return observed


async def observe_wishes(databases: Databases, history: History, interactions: Sequence[Any]) -> Observed:
    """Complaints, birthdays, questions and answers, and what came of them."""
    closed = [row["id"] for row in interactions if row["state"] == "closed"]
    complaints = await databases.rows("feedback", _COMPLAINTS, history.tag)
    customers = await databases.rows("profile", _CUSTOMERS, history.tag)
    born = [row["id"] for row in customers if row["birthday"]]
    samples, invitations = await observe_samples(databases, closed)
    wanted = [
        *(("complaint_acknowledged", encode("cmp", row["id"])) for row in complaints),
        *(("birthday", encode("cus", each)) for each in born),
        *(("follow_up", each) for each in invitations),
    ]
    return Observed(
        stored=[
            *_complaints(complaints),
            *_handovers(await databases.rows("feedback", _OFFERS, history.tag)),
            *_customers(customers),
            *_answers(await databases.rows("feedback", _ANSWERS, closed)),
            *_refusals(await databases.rows("care", _REFUSALS, born)),
        ],
        samples=samples,
        wanted=wanted,
        care=await observe_care(databases, [about for _, about in wanted], born),
        cases=await observe_cases(databases, [row["id"] for row in complaints]),
    )


def _emitted(service: str, row: Any) -> Emitted:
    return Emitted(
        service=service,
        event_id=str(row["id"]),
        type=row["type"],
        aggregate=f"{row['aggregatetype']} {row['aggregateid']}",
        sequence=row["sequence"],
        subject=row["subject"],
        owner=row["owner"],
        customer=row["customer"],
    )


def _purchases(rows: Sequence[Any]) -> list[Stored]:
    return [
        Stored("purchase", row["external_id"], encode("pur", row["id"]), _of(row["customer_id"], row["total_minor"]))
        for row in rows
    ]


def _people(rows: Sequence[Any]) -> list[Stored]:
    return [Stored("person", row["login"], encode("per", row["id"]), row["name"]) for row in rows]


def _interactions(rows: Sequence[Any]) -> list[Stored]:
    found = []
    for row in rows:
        interaction_id = encode("int", row["id"])
        found.append(Stored("interaction", row["name"], interaction_id, row["subject"]))
        if row["state"] == "closed":
            found.append(Stored("closure", interaction_id, interaction_id, encode("per", row["agent_id"])))
    return found


def _complaints(rows: Sequence[Any]) -> list[Stored]:
    return [
        Stored("complaint", row["reference"], encode("cmp", row["id"]), _of(row["customer_id"], row["kind"]))
        for row in rows
    ]


def _handovers(rows: Sequence[Any]) -> list[Stored]:
    found = []
    for row in rows:
        complaint_id = encode("cmp", row["complaint_id"])
        found.append(Stored("offer", complaint_id, complaint_id))
        if row["state"] == "accepted":
            found.append(Stored("handover", complaint_id, complaint_id, encode("per", row["answered_by"])))
    return found


def _customers(rows: Sequence[Any]) -> list[Stored]:
    found = []
    for row in rows:
        customer_id = encode("cus", row["id"])
        found.append(Stored("customer", row["name"].removeprefix(f"{GREETED} "), customer_id, row["name"]))
        if row["birthday"]:
            found.append(Stored("birthday", customer_id, customer_id, row["birthday"]))
    return found


def _answers(rows: Sequence[Any]) -> list[Stored]:
    ids = [(encode("inv", row["invitation_id"]), str(row["csat"])) for row in rows]
    return [Stored("answer", each, each, score) for each, score in ids]


def _refusals(rows: Sequence[Any]) -> list[Stored]:
    return [Stored("refusal", encode("cus", row["customer_id"]), encode("car", row["care_id"])) for row in rows]


def _of(customer_id: UUID, what: object) -> str:
    return f"{encode('cus', customer_id)} {what}"
