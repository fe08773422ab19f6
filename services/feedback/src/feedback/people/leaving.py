"""Somebody leaves: what they hold moves to the successor in one transaction, and the directory is told.

Once the person is marked as leaving, the database refuses to give them anything; what was given before that is moved;
at the commit a constraint looks that nothing is left.
"""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from careline.ids import encode
from feedback.complaints import owners
from feedback.complaints.events import ComplaintOwnerChanged, LeavingAcknowledged
from feedback.complaints.ledger import Case
from feedback.context import Row, Work
from feedback.handovers.service import withdraw_open

ACTOR: Final = "directory"

# Complaints are locked before people, always: whoever is about to accept one holds it while it waits for the person.
_LOCK: Final = """
SELECT 1 FROM complaints c WHERE c.state <> 'closed' AND (c.owner_id = $1 OR EXISTS (
    SELECT FROM handover_offers o WHERE o.complaint_id = c.id AND o.state = 'open' AND o.to_person_id = $1))
ORDER BY c.id FOR UPDATE
"""
_BEGIN: Final = """
UPDATE people SET state = 'leaving', successor_id = coalesce($2, successor_id) WHERE id = $1 AND state <> 'left'
"""
# Heads who leave stay on the department until the directory names another; nobody is chosen through them meanwhile.
_OWNED: Final = "SELECT * FROM complaints WHERE owner_id = $1 AND state <> 'closed' ORDER BY id FOR UPDATE"
_OFFERED: Final = """
SELECT c.*, o.id AS offer_id, o.from_person_id AS offer_from, o.to_department_id AS offer_department
FROM handover_offers o JOIN complaints c ON c.id = o.complaint_id
WHERE o.state = 'open' AND o.to_person_id = $1 ORDER BY c.id FOR UPDATE OF c
"""
_REDIRECT: Final = """
UPDATE handover_offers o SET to_person_id = (
    SELECT p.id FROM people p WHERE p.id = $2 AND p.id <> o.from_person_id AND p.department_id = o.to_department_id)
WHERE o.id = $1 RETURNING to_person_id
"""
_GIVEN_BY: Final = """
UPDATE handover_offers SET from_person_id = $2
WHERE complaint_id = $1 AND state = 'open' AND to_person_id IS DISTINCT FROM $2
"""


async def leave(work: Work, person_id: UUID, successor_id: UUID | None, leaving_id: str | None) -> None:
    """Move all that the person holds; tell the directory if it waits for that."""
    await work.rows(_LOCK, person_id)
    await work.execute(_BEGIN, person_id, successor_id)
    owned = await work.rows(_OWNED, person_id)
    for row in owned:
        await _move(work, row, person_id)
    offered = await work.rows(_OFFERED, person_id)
    for row in offered:
        await _ask_another(work, row, person_id)
    if leaving_id is not None:
        await _acknowledge(work, leaving_id, person_id, owned, offered)


async def _move(work: Work, row: Row, person_id: UUID) -> None:
    owner_id = await owners.active_successor(work, person_id)
    department_id: UUID = row["department_id"]
    if owner_id is None:
        chosen = await owners.choose(work, row["kind"], None)
        owner_id, department_id = chosen.owner_id, chosen.department_id
    case = Case(work, row, ACTOR)
    # Whoever owns it now answers for the offer too; what was offered to the new owner needs no offer any more.
    await work.execute(_GIVEN_BY, row["id"], owner_id)
    remaining = await work.row(
        "SELECT 1 FROM handover_offers WHERE complaint_id = $1 AND state = 'open' AND to_person_id = $2",
        row["id"],
        owner_id,
    )
    if remaining:
        await withdraw_open(case, "receiver_owns_it")
    event = ComplaintOwnerChanged(
        complaint_id=row["id"],
        customer_id=row["customer_id"],
        owner_id=owner_id,
        department_id=department_id,
        cause="leaving",
    )
    case.change(owner_id=owner_id, department_id=department_id)
    facts = {"owner_id": encode("per", owner_id), "before": encode("per", person_id), "cause": "leaving"}
    case.tell("owner_changed", facts, event=event)
    await case.save()


async def _ask_another(work: Work, row: Row, person_id: UUID) -> None:
    """The successor is asked if she works in that department, else the whole department."""
    successor_id = await owners.active_successor(work, person_id)
    redirected = await work.row(_REDIRECT, row["offer_id"], successor_id)
    case = Case(work, row, ACTOR)
    to = redirected["to_person_id"] if redirected else None
    facts: dict[str, Any] = {
        "handover_id": encode("hof", row["offer_id"]),
        "to_person_id": encode("per", to) if to else None,
        "before": encode("per", person_id),
    }
    case.tell("handover_redirected", facts)
    await case.save()


async def _acknowledge(
    work: Work, leaving_id: str, person_id: UUID, owned: Sequence[Row], offered: Sequence[Row]
) -> None:
    event = LeavingAcknowledged(
        leaving_id=leaving_id,
        person_id=person_id,
        service="feedback",
        moved={"complaints": len(owned), "handover_offers": len(offered)},
    )
    await work.outbox.append(work.transaction, event, aggregate_id=leaving_id, sequence=1, occurred_at=work.real_now)
