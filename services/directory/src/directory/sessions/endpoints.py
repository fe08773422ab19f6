"""Sessions over HTTP. These endpoints go by the cookie and not by a token, so foreign pages are refused first."""

from fastapi import APIRouter, Request, Response

from careline.app import service_of
from careline.database import WriteConnectionDep
from careline.problems import problem_responses
from directory.people.schemas import Person
from directory.resources import passwords_of, settings_of, token_issuer_of
from directory.sessions import service
from directory.sessions.cookies import SessionCookie, clear_cookie, set_cookie
from directory.sessions.origin import OwnOrigin
from directory.sessions.repository import OpenSession
from directory.sessions.schemas import AccessToken, Credentials
from directory.tokens.grants import person_grant

router = APIRouter(prefix="/v1/session", tags=["sessions"])


@router.post("", dependencies=[OwnOrigin], responses=problem_responses(400, 401, 403, 429))
async def sign_in(body: Credentials, request: Request, response: Response, former: SessionCookie = None) -> Person:
    """Sign in with login and password; the answer sets the session cookie."""
    running = service_of(request)
    address = request.client.host if request.client else None
    cookie, session = await service.sign_in(
        running.database, passwords_of(request), running.clock, body, address=address
    )
    if former is not None:
        async with running.database.write_raw() as connection:
            await service.sign_out(connection, former)
    set_cookie(response, settings_of(request), cookie, expires_at=session.expires_at, now=session.opened_at)
    return session.person


@router.get("", responses=problem_responses(401))
async def get_session(
    request: Request, response: Response, connection: WriteConnectionDep, cookie: SessionCookie = None
) -> Person:
    """Who is signed in."""
    return (await _resume(request, response, connection, cookie)).person


@router.delete("", status_code=204, dependencies=[OwnOrigin], responses=problem_responses(403))
async def sign_out(
    request: Request, response: Response, connection: WriteConnectionDep, cookie: SessionCookie = None
) -> None:
    """Sign out; nothing happens if nobody was signed in."""
    await service.sign_out(connection, cookie)
    clear_cookie(response, settings_of(request))


@router.post("/token", dependencies=[OwnOrigin], responses=problem_responses(401, 403))
async def issue_session_token(
    request: Request, response: Response, connection: WriteConnectionDep, cookie: SessionCookie = None
) -> AccessToken:
    """An access token with the rights that the person has now."""
    session = await _resume(request, response, connection, cookie)
    issued = token_issuer_of(request).issue(person_grant(session.person), service_of(request).clock.now())
    return AccessToken(access_token=issued.access_token, token_type="Bearer", expires_in=issued.expires_in)  # noqa: S106


async def _resume(
    request: Request, response: Response, connection: WriteConnectionDep, cookie: str | None
) -> OpenSession:
    now = service_of(request).clock.now()
    session = await service.resume(connection, cookie, now)
    if cookie is not None:
        set_cookie(response, settings_of(request), cookie, expires_at=session.expires_at, now=now)
    return session
