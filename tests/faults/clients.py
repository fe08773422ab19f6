"""A client that asks again under the same key until it knows how its write ended, or has no patience left."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.history import History, Operation

ATTEMPT_SECONDS = 4.0
PATIENCE_SECONDS = 50.0
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 1.0

_AGAIN = {401, 408, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Request:
    """One write, as it is sent each time."""

    method: str
    url: Callable[[], str]
    headers: Callable[[], dict[str, str]]
    body: dict[str, Any]
    key: str | None = None
    known_means_done: bool = False
    """409 after an attempt without answer says that this attempt has worked."""


class Client:
    """Sends writes and records what comes of them."""

    def __init__(self, http: httpx.AsyncClient, history: History, chance: random.Random) -> None:
        """Share connections and history with the other clients."""
        self._http = http
        self._history = history
        self._chance = chance

    async def write(self, operation: Operation, request: Request, *, patient: bool = True) -> Operation:
        """Ask until there is an answer; without patience stop at the first attempt that has none."""
        deadline = operation.begun_at + PATIENCE_SECONDS
        pause = FIRST_PAUSE_SECONDS
        uncertain = False
        while True:
            operation.attempts += 1
            answer = await self._attempt(operation, request)
            if answer is not None and self._concludes(operation, request, answer, uncertain=uncertain):
                return operation
            uncertain = uncertain or answer is None or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
            if time.time() > deadline or not patient:
                self._history.end(operation, "unknown")
                return operation
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1.5))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _attempt(self, operation: Operation, request: Request) -> httpx.Response | None:
        headers = request.headers() | ({"Idempotency-Key": request.key} if request.key else {})
        try:
            async with asyncio.timeout(ATTEMPT_SECONDS):
                answer = await self._http.request(request.method, request.url(), json=request.body, headers=headers)
        except (httpx.HTTPError, TimeoutError) as fault:
            operation.told = type(fault).__name__
            return None
        operation.told = str(answer.status_code)
        return answer

    def _concludes(self, operation: Operation, request: Request, answer: httpx.Response, *, uncertain: bool) -> bool:
        """Whether the answer says how the write ended; then it is recorded."""
        if answer.is_success:
            self._history.end(operation, "ok", answer=answer.json()["id"])
            return True
        if answer.status_code in _AGAIN or "idempotency-key-in-use" in answer.text:
            return False
        operation.told = f"{answer.status_code} {answer.text[:200]}"
        if not uncertain:
            self._history.end(operation, "refused")
        elif answer.status_code == httpx.codes.CONFLICT and request.known_means_done:
            self._history.end(operation, "ok")
        else:
            self._history.end(operation, "unknown")
        return True
