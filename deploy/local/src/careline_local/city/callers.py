"""The public HTTP APIs as many people at once see them."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx

from careline.clients import trusted_authorities
from careline_local.parts.base import PartError

TOKEN_SECONDS: Final = 240
ATTEMPTS: Final = 5
Json = dict[str, Any]


class RefusedError(Exception):
    """A request was refused; what the service said is the message."""

    def __init__(self, answer: httpx.Response) -> None:
        """Keep status and problem."""
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        self.status = answer.status_code


class AsyncCaller:
    """Sends requests with a token; what is away for a moment is asked again, a refusal is told."""

    def __init__(self, origin: str) -> None:
        """`origin` is the address of the page, below which the services are."""
        self.origin = origin
        self._client = httpx.AsyncClient(base_url=origin, timeout=20, trust_env=False, verify=trusted_authorities())
        self._token = ""
        self._renew_at = 0.0

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def get(self, path: str, **query: str | int) -> Any:
        """Read one document."""
        return await self.send("GET", path, params=query)

    async def post(self, path: str, body: Json | None = None, *, key: str | None = None) -> Any:
        """Do something; `key` names the write where it must be repeatable."""
        return await self.send("POST", path, json=body, headers={"Idempotency-Key": key} if key else {})

    async def put(self, path: str, body: Json) -> Any:
        """Replace something."""
        return await self.send("PUT", path, json=body)

    async def send(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **request: Any) -> Any:
        """Send one request and return the document, or {} for a page; RefusedError if the service refuses."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                sent = {**(headers or {}), **await self.authorization()}
                answer = await self._client.request(method, path, headers=sent, **request)
            except httpx.TransportError as fault:
                if attempt == ATTEMPTS:
                    raise PartError(f"Careline does not answer any more: {fault!r}") from fault
            else:
                if answer.is_success:
                    return _document(answer)
                if answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or attempt == ATTEMPTS:
                    raise RefusedError(answer)
            await asyncio.sleep(attempt)
        raise AssertionError("not reached")

    async def authorization(self) -> dict[str, str]:
        """The header with a token that is good for the next minute."""
        return {"Authorization": f"Bearer {await self.token()}"}

    async def token(self) -> str:
        """A token that is good for the next minute."""
        if time.monotonic() >= self._renew_at:
            self._token = await self._new_token()
            self._renew_at = time.monotonic() + TOKEN_SECONDS
        return self._token

    async def _new_token(self) -> str:
        raise NotImplementedError


def _document(answer: httpx.Response) -> Any:
    """What a page answers is read by people, and no content is called JSON, too."""
    is_json = answer.headers.get("content-type") == "application/json"
    return answer.json() if is_json and answer.content else {}


class AsyncPerson(AsyncCaller):
    """Somebody who works here, signed in as on the page."""

    person: Json

    @classmethod
    async def sign_in(cls, origin: str, login: str, password: str) -> "AsyncPerson":
        """Sign in; RefusedError if the directory refuses."""
        caller = cls(origin)
        answer = await caller._client.post("/api/directory/v1/session", json={"login": login, "password": password})
        if not answer.is_success:
            await caller.close()
            raise RefusedError(answer)
        caller.person = answer.json()
        return caller

    async def _new_token(self) -> str:
        answer = await self._client.post("/api/directory/v1/session/token")
        if not answer.is_success:
            raise RefusedError(answer)
        return str(answer.json()["access_token"])


class AsyncProgram(AsyncCaller):
    """A partner's program with its client credentials."""

    def __init__(self, origin: str, client_id: str, secret: str) -> None:
        """Keep the credentials."""
        super().__init__(origin)
        self._credentials = (client_id, secret)

    async def _new_token(self) -> str:
        form = {"grant_type": "client_credentials"}
        answer = await self._client.post("/api/directory/oauth/token", data=form, auth=self._credentials)
        if not answer.is_success:
            raise RefusedError(answer)
        return str(answer.json()["access_token"])


class Visitor(AsyncCaller):
    """Somebody on a shop's page."""

    async def authorization(self) -> dict[str, str]:
        """The visitor's own token, which the service gives to everybody."""
        if not self._token:
            answer = await self._client.post("/api/router/v1/visitors")
            if not answer.is_success:
                raise RefusedError(answer)
            self._token = str(answer.json()["token"])
        return {"Authorization": f"Visitor {self._token}"}
