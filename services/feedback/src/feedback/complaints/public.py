"""What customers do without signing in: complain by the form, and say by the link whether it is solved."""

from typing import Annotated, Any, Final, cast
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import HTMLResponse

from careline.app import service_of
from careline.idempotency import Idempotency
from careline.problems import problem_responses
from careline.query import OPEN_QUERY
from feedback import rates
from feedback.complaints import page, reading, service, words
from feedback.complaints.customers import customer_behind
from feedback.complaints.links import WordLinks
from feedback.complaints.schemas import Receipt, WebComplaintInput
from feedback.complaints.service import Grievance
from feedback.complaints.states import Severity, Source, State, Word
from feedback.context import LookDep, begin
from feedback.rates import Rate

router = APIRouter(tags=["complaints of customers"])

# What a person sees who follows a link: refusals are pages too.
BROKEN: Final[dict[str, Any]] = {
    "description": "A page that says what is wrong.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}

# A family behind one address may complain; nobody floods us.
COMPLAINTS: Final = Rate("complaint", burst=10, per_second=1 / 60)
WORDS: Final = Rate("complaint-word", burst=30, per_second=0.5)
LARGEST_FORM_BYTES: Final = 40_000
LONGEST_COMMENT: Final = 4000

Token = Annotated[str, Path(max_length=200)]
Chosen = Annotated[str | None, Query(max_length=10)]
Accepted = Annotated[str, Header(max_length=500)]


@router.post("/v1/complaints/web", status_code=201, responses=problem_responses(400, 409, 429))
async def complain(once: Idempotency, body: WebComplaintInput, request: Request) -> Receipt:
    """Complain by the form on a web page. The number is for asking; whom the contact belongs to stays a claim."""
    running = service_of(request)
    await rates.take(running.database, COMPLAINTS, request, running.clock)
    customer = await customer_behind(request, body.contact)
    async with begin(running) as work:

        async def work_once() -> Receipt:
            row = await service.record(
                work,
                Grievance(
                    kind=body.kind,
                    severity=Severity.MINOR,
                    source=Source.WEB,
                    text=body.text,
                    recorded_by="web",
                    customer_id=customer.id if customer else None,
                    contact=body.contact,
                    tier=customer.tier if customer else None,
                ),
            )
            return Receipt(number=reading.number(row), received_at=row["received_at"], resolve_by=row["resolve_by"])

        return await once.run(work.transaction, "web", work_once)


@router.get(
    "/v1/complaint-words/{token}",
    response_class=HTMLResponse,
    openapi_extra=OPEN_QUERY,
    responses={404: BROKEN},
)
async def ask_for_word(
    token: Token, request: Request, look: LookDep, lang: Chosen = None, accept_language: Accepted = ""
) -> HTMLResponse:
    """The page with the two buttons; opening it changes nothing, as mail programs open every link."""
    language = page.wanted(lang, accept_language)
    named = _links(request).read(token)
    if named is None:
        return HTMLResponse(page.render("broken", language), 404, page.HEADERS)
    row = await look.row("SELECT number, state, reopened_count FROM complaints WHERE id = $1", named[0])
    if row is None or row["reopened_count"] != named[1] or row["state"] not in {State.ANSWERED, State.CLOSED}:
        return HTMLResponse(page.render("over", language), 200, page.HEADERS)
    return HTMLResponse(page.render("ask", language, reading.number(row)), 200, page.HEADERS)


@router.post(
    "/v1/complaint-words/{token}",
    response_class=HTMLResponse,
    openapi_extra=OPEN_QUERY,
    responses={404: BROKEN, 400: BROKEN, **problem_responses(429)},
)
async def give_word(
    token: Token, request: Request, lang: Chosen = None, accept_language: Accepted = ""
) -> HTMLResponse:
    """Say `solved=yes` or `solved=no`, and why if you like. Solved closes the complaint; not solved opens it again."""
    running = service_of(request)
    await rates.take(running.database, WORDS, request, running.clock)
    language = page.wanted(lang, accept_language)
    named = _links(request).read(token)
    if named is None:
        return HTMLResponse(page.render("broken", language), 404, page.HEADERS)
    word, comment = _form(await request.body())
    number = await _number(request, named[0])
    if word is None or number is None:
        return HTMLResponse(page.render("ask", language, number or ""), 400, page.HEADERS)
    async with begin(running) as work:
        heard = await words.hear(work, *named, word, comment, "link")
    return HTMLResponse(page.render(heard, language, number), 200, page.HEADERS)


async def _number(request: Request, complaint_id: UUID) -> str | None:
    async with service_of(request).database.read_raw() as connection:
        row = await connection.fetchrow("SELECT number FROM complaints WHERE id = $1", complaint_id)
    return reading.number(dict(row)) if row else None


def _links(request: Request) -> WordLinks:
    return cast("WordLinks", request.state.word_links)


def _form(body: bytes) -> tuple[Word | None, str | None]:
    """The word and the comment; characters that no text should hold are left out of the comment."""
    if len(body) > LARGEST_FORM_BYTES:
        return None, None
    try:
        fields = parse_qs(body.decode(), max_num_fields=10)
    except ValueError:
        return None, None
    word = {"yes": Word.ACCEPTED, "no": Word.NOT_ACCEPTED}.get(fields.get("solved", [""])[0])
    comment = "".join(sign for sign in fields.get("comment", [""])[0] if sign.isprintable() or sign in "\n\t")
    return word, comment.strip()[:LONGEST_COMMENT] or None
