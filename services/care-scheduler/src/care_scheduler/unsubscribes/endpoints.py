"""One click, no cookie, no sign-in (RFC 8058). Looking changes nothing: mail programs and scanners open every link."""

import re
from http import HTTPStatus
from typing import Annotated, Any, Final, cast

from fastapi import APIRouter, Header, Path, Query, Request
from fastapi.responses import HTMLResponse

from care_scheduler.events import CareUnsubscribed
from care_scheduler.settings import Settings
from care_scheduler.unsubscribes import page, repository
from care_scheduler.unsubscribes.tokens import Refusal, read
from careline.app import Service, service_of
from careline.database import WriteConnection, WriteConnectionDep
from careline.ids import encode
from careline.query import OPEN_QUERY

router = APIRouter(prefix="/v1", tags=["unsubscribe"], default_response_class=HTMLResponse)
Token = Annotated[str, Path(max_length=200)]
Chosen = Annotated[str | None, Query(max_length=10)]
Accepted = Annotated[str, Header(max_length=500)]

_HEADERS: Final = {
    "Content-Security-Policy": page.POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Vary": "Accept-Language",
}
_LARGEST_BODY_BYTES: Final = 4096
# Sent as a form or as multipart, as RFC 8058 allows both.
_ONE_CLICK: Final = re.compile(rb'List-Unsubscribe"?\s*(?:=|\r?\n\r?\n)\s*One-Click')


def _page(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Refusals are pages too: people read them."""
    page_of_text = {"text/html": {"schema": {"type": "string"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": page_of_text} for status in statuses}


@router.get("/unsubscribe/{token}", openapi_extra=OPEN_QUERY, responses=_page(404))
async def show_unsubscribe(
    token: Token, request: Request, lang: Chosen = None, accept_language: Accepted = ""
) -> HTMLResponse:
    """The page with the button; opening it changes nothing."""
    language = page.wanted(lang, accept_language)
    refusal = read(token, _key(request))
    if refusal is None:
        return HTMLResponse(page.render("broken", language), 404, _HEADERS)
    return HTMLResponse(page.render("ask", language, refusal.purpose), 200, _HEADERS)


@router.post("/unsubscribe/{token}", openapi_extra=OPEN_QUERY, responses=_page(400, 404))
async def unsubscribe(
    token: Token,
    request: Request,
    connection: WriteConnectionDep,
    lang: Chosen = None,
    accept_language: Accepted = "",
) -> HTMLResponse:
    """Unsubscribe at once. The body is `List-Unsubscribe=One-Click`; a second time changes nothing more."""
    language = page.wanted(lang, accept_language)
    refusal = read(token, _key(request))
    body = await request.body()
    if refusal is None:
        return HTMLResponse(page.render("broken", language), 404, _HEADERS)
    if len(body) > _LARGEST_BODY_BYTES or not _ONE_CLICK.search(body):
        return HTMLResponse(page.render("ask", language, refusal.purpose), 400, _HEADERS)
    await refuse(connection, service_of(request), refusal)
    return HTMLResponse(page.render("done", language, refusal.purpose), 200, _HEADERS)


async def refuse(connection: WriteConnection, service: Service, refusal: Refusal) -> None:
    """Suppress at once and say so; the profile keeps the withdrawal in its ledger."""
    # Real time: a consent given again is told apart by the real time of its event.
    if not await repository.suppress(connection, refusal, service.clock.now()):
        return
    version = await repository.next_version(connection, refusal)
    if version is None:
        return
    await service.outbox.append(
        connection,
        CareUnsubscribed(
            care_id=refusal.care_id,
            customer_id=refusal.customer_id,
            purpose=refusal.purpose,
            channel=refusal.channel,
        ),
        aggregate_id=encode("car", refusal.care_id),
        sequence=version,
        occurred_at=service.clock.now(),
    )


def _key(request: Request) -> str:
    return cast("Settings", service_of(request).settings).unsubscribe_key.get_secret_value()
