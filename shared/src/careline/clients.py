"""Calls to other services under this service's own identity."""

import ssl
from functools import cache
from time import monotonic

import httpx

from careline.settings import ServiceSettings
from careline.tracing import current_traceparent

RENEW_BEFORE_SECONDS = 30


@cache
def trusted_authorities() -> ssl.SSLContext:
    """Whom this process trusts over TLS. One for all clients: reading the authorities takes 20 ms each time."""
    return httpx.create_ssl_context()


class ServiceClient:
    """An HTTP client whose requests carry an access token got by client credentials."""

    def __init__(self, settings: ServiceSettings, base_url: str, *, timeout_seconds: float = 3.0) -> None:
        if settings.token_url is None or settings.client_id is None or settings.client_secret is None:
            raise ValueError("a service client needs TOKEN_URL, CLIENT_ID and CLIENT_SECRET")
        self._token_url = settings.token_url
        self._credentials = (settings.client_id, settings.client_secret.get_secret_value())
        self._http = httpx.AsyncClient(base_url=base_url, timeout=timeout_seconds, verify=trusted_authorities())
        self._token = ""
        self._renew_at = float("-inf")

    async def request(
        self, method: str, path: str, *, json: object = None, timeout_seconds: float | None = None
    ) -> httpx.Response:
        """Send one request; httpx.HTTPError if the other service is away."""
        headers = {"Authorization": f"Bearer {await self._access_token()}"}
        traceparent = current_traceparent()
        if traceparent:
            headers["traceparent"] = traceparent
        timeout = httpx.USE_CLIENT_DEFAULT if timeout_seconds is None else timeout_seconds
        return await self._http.request(method, path, json=json, headers=headers, timeout=timeout)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def _access_token(self) -> str:
        if monotonic() >= self._renew_at:
            answer = await self._http.post(
                self._token_url, data={"grant_type": "client_credentials"}, auth=self._credentials
            )
            answer.raise_for_status()
            body = answer.json()
            self._token = body["access_token"]
            self._renew_at = monotonic() + max(1, body["expires_in"] - RENEW_BEFORE_SECONDS)
        return self._token
