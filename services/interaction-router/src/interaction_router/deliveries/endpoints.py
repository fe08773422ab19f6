"""What became of deliveries; lists of cards; and the text of a customer's answer, for services."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from careline.auth import Principal, requires
from careline.database import ReadConnectionDep
from careline.idempotency import Idempotency
from careline.ids import decode, encode
from careline.objects import ObjectNotFoundError, ObjectStore
from careline.pagination import Limit, Page, decode_cursor, encode_cursor
from careline.problems import InvalidInput, NotFound, problem_responses
from interaction_router.deliveries import card_lists
from interaction_router.deliveries.schemas import CardList, DeliveryItem, DeliveryState, MessageText
from interaction_router.ids import CardListId, CareId, CustomerId, MessageId
from interaction_router.interactions.attachments import download
from interaction_router.interactions.rows import Row
from interaction_router.unit import UnitDep

router = APIRouter(prefix="/v1", tags=["deliveries"], responses=problem_responses(401, 403))
CareReader = Annotated[Principal, requires("care:read")]
CareWriter = Annotated[Principal, requires("care:write")]
TextReader = Annotated[Principal, requires("messages:read")]
Cursor = Annotated[str | None, Query(max_length=200)]

_LISTS = "SELECT * FROM card_lists ORDER BY id DESC LIMIT 100"
_TEXT = """
SELECT id, interaction_id, text, language, sent_at FROM messages WHERE id = $1 AND kind = 'inbound'
"""


@router.get("/deliveries")
async def list_deliveries(
    _: CareReader,
    connection: ReadConnectionDep,
    care_id: CareId | None = None,
    customer_id: CustomerId | None = None,
    state: DeliveryState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[DeliveryItem]:
    """What care decided to send and what became of it, newest first."""
    wanted = {"care_id =": care_id, "customer_id =": customer_id, "state =": state, "id <": _after(cursor)}
    rows = await connection.fetch(*_deliveries(wanted, limit + 1))
    items = [_delivery(row) for row in rows[:limit]]
    return Page(items=items, next=encode_cursor(encode("dlv", items[-1].id)) if len(rows) > limit else None)


@router.get("/card-lists")
async def list_card_lists(_: CareReader, connection: ReadConnectionDep) -> list[CardList]:
    """The last hundred lists of cards, newest first."""
    return [_card_list(row) for row in await connection.fetch(_LISTS)]


@router.post("/card-lists", status_code=202, responses=problem_responses(400, 409))
async def create_card_list(principal: CareWriter, once: Idempotency, unit: UnitDep) -> CardList:
    """Take all cards that wait into a list; its PDF is there as soon as its state is `ready`."""

    async def work() -> CardList:
        list_id = await card_lists.create(unit, principal.subject)
        return _card_list(await card_lists.find(unit.connection, list_id))

    return await once.run(unit.connection, principal.subject, work)


@router.get("/card-lists/{list_id}", responses=problem_responses(404))
async def get_card_list(list_id: CardListId, _: CareReader, connection: ReadConnectionDep) -> CardList:
    """One list of cards."""
    return _card_list(await card_lists.find(connection, list_id))


@router.get("/card-lists/{list_id}/pdf", response_class=Response, responses=problem_responses(404, 409))
async def get_card_list_pdf(
    list_id: CardListId, _: CareReader, connection: ReadConnectionDep, request: Request
) -> Response:
    """The cards as a PDF: an overview to tick off, then one page a card."""
    row = await card_lists.find(connection, list_id)
    if row["state"] == "making":
        raise card_lists.ListNotReady("Ask again when its state is `ready`.")
    objects: ObjectStore = request.state.objects
    try:
        return download(await objects.get(card_lists.object_key(list_id)), f"{encode('lst', list_id)}.pdf")
    except ObjectNotFoundError:
        raise NotFound("card list", encode("lst", list_id)) from None


@router.post("/card-lists/{list_id}/posting", responses=problem_responses(404, 409))
async def post_card_list(list_id: CardListId, _: CareWriter, unit: UnitDep) -> CardList:
    """Say that the cards were posted."""
    return _card_list(await card_lists.post(unit, list_id))


@router.get("/messages/{message_id}/text", responses=problem_responses(404))
async def get_message_text(message_id: MessageId, _: TextReader, connection: ReadConnectionDep) -> MessageText:
    """What a customer wrote, for a service that has heard of it."""
    row = await connection.fetchrow(_TEXT, message_id)
    if row is None:
        raise NotFound("message", encode("msg", message_id))
    return MessageText(**dict(row))


def _deliveries(wanted: Mapping[str, object], limit: int) -> tuple[Any, ...]:
    """The statement and its arguments. Only what was asked for is compared, so that each question finds its index."""
    given = {comparison: value for comparison, value in wanted.items() if value is not None}
    conditions = " AND ".join(["true", *(f"{each} ${number}" for number, each in enumerate(given, start=1))])
    # Nothing in the text comes from outside.
    sql = f"SELECT * FROM deliveries WHERE {conditions} ORDER BY id DESC LIMIT {limit}"  # noqa: S608
    return sql, *given.values()


def _after(cursor: str | None) -> Any:
    if cursor is None:
        return None
    try:
        return decode("dlv", str(decode_cursor(cursor, parts=1)[0]))
    except ValueError:
        raise InvalidInput("cursor", "not a cursor of this list", "Take `next` of the page before.") from None


def _delivery(row: Row) -> DeliveryItem:
    return DeliveryItem(**{name: row[name] for name in DeliveryItem.model_fields})


def _card_list(row: Row) -> CardList:
    return CardList(**{name: row[name] for name in CardList.model_fields})
