"""A client that asks again under the same key until it knows how its write ended, or has no patience left."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.wire import Answer, Wire
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
    body: object
    key: str | None = None
    known_means_done: bool = False
    """409 after an attempt without answer says that this attempt has worked."""
    answered_by: str | None = "id"
    """The field of the answer that names what was written; None if no answer says it."""


class Client:
    """Sends writes and records what comes of them."""

    def __init__(self, wire: Wire, history: History, chance: random.Random) -> None:
        """Share connections and history with the other clients."""
        self._wire = wire
        self._history = history
        self._chance = chance

    async def write(
        self, operation: Operation, request: Request, *, patient: bool = True, uncertain: bool = False
    ) -> Operation:
        """Ask until there is an answer; without patience stop at the first attempt that has none.

        `uncertain` says that somebody may have asked for the same before.
        """
        deadline = operation.begun_at + PATIENCE_SECONDS
        pause = FIRST_PAUSE_SECONDS
        while True:
            operation.attempts += 1
            answer = await self._attempt(operation, request)
            if answer is not None and self._concludes(operation, request, answer, uncertain=uncertain):
                return operation
            uncertain = uncertain or answer is None or answer.status >= 500
            if time.time() > deadline or not patient:
                self._history.end(operation, "unknown")
                return operation
            await asyncio.sleep(pause * self._chance.uniform(0.5, 1.5))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _attempt(self, operation: Operation, request: Request) -> Answer | None:
        headers = request.headers() | ({"Idempotency-Key": request.key} if request.key else {})
        try:
            answer = await self._wire.request(
                request.method, request.url(), headers=headers, body=request.body, seconds=ATTEMPT_SECONDS
            )
        except (OSError, TimeoutError) as fault:
            operation.told = type(fault).__name__
            return None
        operation.told = str(answer.status)
        return answer

    def _concludes(self, operation: Operation, request: Request, answer: Answer, *, uncertain: bool) -> bool:
        """Whether the answer says how the write ended; then it is recorded."""
        if answer.ok:
            named = answer.json()[request.answered_by] if request.answered_by else None
            self._history.end(operation, "ok", answer=named)
            return True
        if answer.status in _AGAIN or "idempotency-key-in-use" in answer.text:
            return False
        operation.told = f"{answer.status} {answer.text[:200]}"
        if not uncertain:
            self._history.end(operation, "refused")
        elif answer.status == 409 and request.known_means_done:
            self._history.end(operation, "ok")
        else:
            self._history.end(operation, "unknown")
        return True
