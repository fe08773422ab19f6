"""Customers who are asked how it was, and answer an agent on the phone, once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from tests.faults.callers import REQUEST_SECONDS, Callers
from tests.faults.clients import Client, Request
from tests.faults.history import History
from tests.faults.stand import Stand

LOOK_SECONDS: Final = 1.5
SATISFIED: Final = (4, 5)
LIST_LIMIT: Final = 50


class Respondents:
    """Looks who was asked in this run and has not answered; each is called by an agent, who records the answer."""

    def __init__(self, stand: Stand, callers: Callers, history: History, client: Client) -> None:
        """Share client and history with the others."""
        self._feedback = f"{stand.service('feedback').address}/v1/invitations"
        self._callers = callers
        self._history = history
        self._client = client

    @asynccontextmanager
    async def at_home(self, start: Callable[[Awaitable[object]], None]) -> AsyncIterator[None]:
        """They answer during the block; `start` begins an answer."""
        looking = asyncio.create_task(self._look(start))
        try:
            yield
        finally:
            looking.cancel()
            await asyncio.wait([looking])

    async def _look(self, start: Callable[[Awaitable[object]], None]) -> None:
        url = f"{self._feedback}?state=asked&limit={LIST_LIMIT}"
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                headers = self._callers.admin.headers
                answer = await self._callers.wire.request("GET", url, headers=headers, seconds=REQUEST_SECONDS)
            except OSError:
                continue
            for invitation in answer.json()["items"] if answer.ok else []:
                if self._is_new(invitation):
                    start(self._answer(invitation["id"]))

    def _is_new(self, invitation: dict[str, Any]) -> bool:
        ours = {operation.answer for operation in self._history.of("interaction", "ok")}
        return invitation["interaction_id"] in ours and ("answer", invitation["id"]) not in self._history.operations

    async def _answer(self, invitation_id: str) -> None:
        score = SATISFIED[sum(invitation_id.encode()) % len(SATISFIED)]
        operation = self._history.begin("answer", invitation_id, str(score))
        request = Request(
            "POST",
            lambda: f"{self._feedback}/{invitation_id}/answers",
            lambda: self._callers.agents[-1].headers,
            {"answers": {"satisfaction": score, "recommend": 9}},
            known_means_done=True,
            answered_by="invitation_id",
        )
        await self._client.write(operation, request)
