"""The two ways to an invitation: by its link's token, and by its id for staff."""

from typing import Annotated, Final, cast
from uuid import UUID

import asyncpg
from fastapi import Path
from starlette.requests import HTTPConnection

from careline.app import service_of
from careline.database import ReadConnection, WriteConnection
from careline.ids import encode
from careline.problems import NotFound, Problem
from feedback import rates
from feedback.invitations import repository
from feedback.invitations.tokens import Links
from feedback.rates import Rate

Token = Annotated[str, Path(description="The part of a survey's link after `#`.")]
# An address is often that of a whole company; a page asks twice.
PAGES: Final = Rate("survey", 120, 2.0)
WRONG_TOKENS: Final = Rate("survey-token", 20, 0.1)


class UnknownLink(Problem):
    """Forged, mistyped, forgotten: every wrong link gets the same answer, and none is repeated in it."""

    status = 404
    type_name = "not-found"
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is no such survey link. Open it from the message once more.")


async def by_token(http: HTTPConnection, token: str) -> asyncpg.Record:
    """The invitation of a link; every call counts against the rate of its address."""
    service = service_of(http)
    nonce = cast("Links", http.state.links).nonce(token)
    if nonce is None:
        await rates.take(service.database, WRONG_TOKENS, http, service.clock)
        raise UnknownLink
    async with service.database.write_one_statement() as connection:
        found = await repository.by_nonce(connection, rates.taking(PAGES, http, service.clock), nonce)
    rates.refuse(PAGES, found["tokens"])
    if found["id"] is None:
        raise UnknownLink
    return found


async def existing_invitation(connection: ReadConnection | WriteConnection, invitation_id: UUID) -> asyncpg.Record:
    """The invitation, or NotFound."""
    invitation = await repository.by_id(connection, invitation_id)
    if invitation is None:
        raise NotFound("invitation", encode("inv", invitation_id))
    return invitation
