"""The public HTTP APIs as one caller sees them: a person with a session, or a partner's program."""

import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import httpx

from careline.clients import trusted_authorities
from careline_local.parts.base import PartError

# Tokens live for 300 s.
_TOKEN_SECONDS: Final = 240
_TIMEOUT_SECONDS: Final = 30
Json = dict[str, Any]


class SignInRefusedError(Exception):
    """The directory does not accept login and password."""


class Caller:
    """Sends requests with a token that is renewed in time."""

    def __init__(self, origin: str) -> None:
        """`origin` is the address of the page, below which the services are."""
        self._client = httpx.Client(
            base_url=origin, timeout=_TIMEOUT_SECONDS, trust_env=False, verify=trusted_authorities()
        )
        self._token = ""
        self._renew_at = 0.0

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def get(self, path: str, **query: str | int) -> Json:
        """Read one document."""
        return self.send("GET", path, params=query)

    def items(self, path: str, **query: str | int) -> Iterator[Json]:
        """All items of a list, page by page."""
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, **query, **cursor)
            yield from page["items"]
            if not page["next"]:
                return
            cursor = {"cursor": page["next"]}

    def post(self, path: str, body: Json, *, key: str | None = None) -> Json:
        """Create something; `key` names the write where it must be repeatable."""
        return self.send("POST", path, json=body, headers={"Idempotency-Key": key} if key else None)

    def put(self, path: str, body: Json) -> Json:
        """Create or replace something."""
        return self.send("PUT", path, json=body)

    def send(self, method: str, path: str, **request: Any) -> Json:
        """Send one request and return the document; anything but success ends the load with a sentence."""
        return _document(self.request(method, path, **request))

    def request(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Send one request and return the answer, whatever it is."""
        headers = {**(request.pop("headers", None) or {}), "Authorization": f"Bearer {self.token()}"}
        return self._client.request(method, path, headers=headers, **request)

    def token(self) -> str:
        """A token that is good for the next minute."""
        if time.monotonic() >= self._renew_at:
            self._token = self._new_token()
            self._renew_at = time.monotonic() + _TOKEN_SECONDS
        return self._token

    def _new_token(self) -> str:
        raise NotImplementedError


class PersonCaller(Caller):
    """Somebody who works here, signed in like on the page."""

    def __init__(self, origin: str, login: str, password: str) -> None:
        """Sign in; SignInRefusedError if the directory refuses."""
        super().__init__(origin)
        answer = self._client.post("/api/directory/v1/session", json={"login": login, "password": password})
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            self.close()
            raise SignInRefusedError(login)
        self.person = _document(answer)

    def _new_token(self) -> str:
        return str(_document(self._client.post("/api/directory/v1/session/token"))["access_token"])


class ClientCaller(Caller):
    """A partner's program with its client credentials."""

    def __init__(self, origin: str, client_id: str, secret: str) -> None:
        """Keep the credentials; they are first used with the first request."""
        super().__init__(origin)
        self._credentials = (client_id, secret)

    def is_accepted(self) -> bool:
        """Whether the directory still knows these credentials."""
        return self._ask().is_success

    def _new_token(self) -> str:
        return str(_document(self._ask())["access_token"])

    def _ask(self) -> httpx.Response:
        form: Mapping[str, str] = {"grant_type": "client_credentials"}
        return self._client.post("/api/directory/oauth/token", data=form, auth=self._credentials)


def _document(answer: httpx.Response) -> Json:
    if answer.is_success:
        return dict(answer.json()) if answer.content else {}
    request = answer.request
    raise PartError(
        f"The demo data could not be loaded: {request.method} {request.url.path} answered {answer.status_code}: "
        f"{answer.text[:500]}"
    )
