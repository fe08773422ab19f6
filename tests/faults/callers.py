"""Those who ask: an admin, agents with sessions and a partner's program, all with tokens of the real directory."""

import asyncio
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import httpx

from bench.wire import Wire
from tests.faults.stand import Stand

REQUEST_SECONDS = 4.0
SETUP_SECONDS = 30.0
RENEW_BEFORE_END_SECONDS = 150.0
DEPARTMENTS = ("customer_service", "purchasing")

Fetch = Callable[[], Awaitable[tuple[str, float]]]


@dataclass
class Identity:
    """A caller's token, renewed in the background so that a directory that is down stops nobody at once."""

    fetch: Fetch
    subject: str = ""
    token: str = ""
    expires_at: float = 0.0

    @property
    def headers(self) -> dict[str, str]:
        """The Authorization header."""
        return {"Authorization": f"Bearer {self.token}"}

    async def renew(self) -> None:
        """Get a new token if the present one has half its time behind it."""
        if self.expires_at - time.time() < RENEW_BEFORE_END_SECONDS:
            self.token, seconds = await self.fetch()
            self.expires_at = time.time() + seconds


@dataclass
class Callers:
    """Everybody who takes part."""

    http: httpx.AsyncClient
    wire: Wire
    directory: str
    admin: Identity
    partner: Identity
    agents: list[Identity] = field(default_factory=list)
    departments: dict[str, str] = field(default_factory=dict)
    """Key → id; the first agent heads the first of them, the second agent the second."""

    async def keep_tokens(self) -> None:
        """Renew tokens until cancelled."""
        while True:
            for identity in [self.admin, self.partner, *self.agents]:
                try:
                    await identity.renew()
                except (httpx.HTTPError, KeyError, ValueError):
                    continue
            await asyncio.sleep(5)


async def gather_callers(stand: Stand, http: httpx.AsyncClient, *, agents: int) -> Callers:
    """Sign the admin in, register departments, a partner and agents, and give each a token."""
    directory = stand.service("directory").address
    admin = await _signed_in(http, directory, "admin", stand.admin_password)
    partner = await _partner(http, directory, admin)
    callers = Callers(http, Wire(limit=60), directory, admin, partner)
    for key in DEPARTMENTS:
        department = {"key": key, "name": {"zh-CN": key, "en": key}}
        answer = await _until_created(http, f"{directory}/v1/departments", department, admin.headers)
        callers.departments[key] = answer.json()["id"]
    for number in range(agents):
        department_id = callers.departments[DEPARTMENTS[number % len(DEPARTMENTS)]]
        callers.agents.append(await _agent(http, directory, admin, number, department_id))
    for key, head in zip(DEPARTMENTS, callers.agents, strict=False):
        url = f"{directory}/v1/departments/{callers.departments[key]}"
        (await http.patch(url, json={"head_id": head.subject}, headers=admin.headers)).raise_for_status()
    return callers


async def _signed_in(http: httpx.AsyncClient, directory: str, login: str, password: str) -> Identity:
    answer = await _until_created(http, f"{directory}/v1/session", {"login": login, "password": password}, {})
    cookie = {"Cookie": f"careline_session={answer.cookies['careline_session']}"}

    async def fetch() -> tuple[str, float]:
        told = await http.post(f"{directory}/v1/session/token", headers=cookie, timeout=REQUEST_SECONDS)
        body = told.raise_for_status().json()
        return body["access_token"], body["expires_in"]

    identity = Identity(fetch, answer.json()["id"])
    await identity.renew()
    return identity


async def _agent(http: httpx.AsyncClient, directory: str, admin: Identity, number: int, department_id: str) -> Identity:
    password = secrets.token_urlsafe(12)
    login = f"agent-{number}"
    person = {"login": login, "name": f"Agent {number}", "roles": ["agent"], "locale": "en"}
    person |= {"password": password, "department_id": department_id}
    await _until_created(http, f"{directory}/v1/people", person, admin.headers)
    return await _signed_in(http, directory, login, password)


async def _partner(http: httpx.AsyncClient, directory: str, admin: Identity) -> Identity:
    wanted = {"name": "Shop", "scopes": ["interactions:write", "purchases:write", "complaints:write"]}
    client = (await _until_created(http, f"{directory}/v1/clients", wanted, admin.headers)).json()
    form = {"grant_type": "client_credentials", "client_id": client["id"], "client_secret": client["secret"]}

    async def fetch() -> tuple[str, float]:
        told = await http.post(f"{directory}/oauth/token", data=form, timeout=REQUEST_SECONDS)
        body = told.raise_for_status().json()
        return body["access_token"], body["expires_in"]

    identity = Identity(fetch, client["id"])
    await identity.renew()
    return identity


async def _until_created(
    http: httpx.AsyncClient, url: str, body: Mapping[str, object], headers: dict[str, str]
) -> httpx.Response:
    """Ask until it works: a service that has just started may not have its first admin yet."""
    async with asyncio.timeout(SETUP_SECONDS):
        while True:
            answer = await http.post(url, json=body, headers=headers, timeout=REQUEST_SECONDS)
            if answer.is_success:
                return answer
            if answer.status_code not in {401, 503}:
                raise RuntimeError(f"{url} answered {answer.status_code}: {answer.text}")
            await asyncio.sleep(0.2)
