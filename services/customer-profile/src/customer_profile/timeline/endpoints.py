"""The timeline over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.ids import new_id
from careline.pagination import Limit, Page
from careline.problems import problem_responses
from customer_profile.context import WorkDep
from customer_profile.customers.access import existing_customer
from customer_profile.ids import CustomerId
from customer_profile.positions import position, position_cursor
from customer_profile.timeline import repository
from customer_profile.timeline.schemas import Kind, NoteInput, TimelineEntry

router = APIRouter(prefix="/v1/customers/{customer_id}/timeline", tags=["timeline"])
Reader = Annotated[Principal, requires("profile:read")]
Writer = Annotated[Principal, requires("profile:write")]


@router.get("", responses=problem_responses(401, 403, 404))
async def read_timeline(
    customer_id: CustomerId,
    _: Reader,
    connection: ReadConnectionDep,
    cursor: str | None = None,
    kind: Kind | None = None,
    limit: Limit = 50,
) -> Page[TimelineEntry]:
    """What happened with the customer, newest first."""
    await existing_customer(connection, customer_id)
    rows = await repository.page(connection, customer_id, kind=kind, after=position("tle", cursor), limit=limit)
    items = [TimelineEntry(**row) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next=position_cursor("tle", last.occurred_at, last.id) if last else None)


@router.post("", status_code=201, responses=problem_responses(401, 403, 404))
async def note_contact(customer_id: CustomerId, principal: Writer, body: NoteInput, work: WorkDep) -> TimelineEntry:
    """Write down an earlier contact."""
    await existing_customer(work.connection, customer_id)
    entry = repository.Entry(
        id=new_id(),
        stated_customer_id=customer_id,
        visitor=None,
        kind=body.kind,
        occurred_at=body.occurred_at,
        title_key=f"timeline.{body.kind}.noted",
        facts={"text": body.text, "noted_by": principal.subject},
        source="staff",
        identity="verified",
        sequence=0,
    )
    await repository.put(work.connection, entry)
    return TimelineEntry(
        id=entry.id,
        kind=body.kind,
        occurred_at=entry.occurred_at,
        title_key=entry.title_key,
        facts=dict(entry.facts),
        source=entry.source,
        identity="verified",
    )
