"""Replies by mail: the router keeps what was written, so it is asked for the text, outside of any transaction."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, Protocol
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ValidationError

from careline.app import Service
from careline.ids import encode
from careline.wakeups import Wakeup
from feedback.complaints import words
from feedback.context import begin

BATCH: Final = 20
LEASE: Final = timedelta(seconds=30)
POLL_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 600.0
# The router may be away for long; after this the agent who has the reply as an interaction has read it.
WAIT_FOR_TEXT: Final = timedelta(days=3)

_CLAIM: Final = """
UPDATE complaint_replies SET attempts = attempts + 1, next_try_at = $1::timestamptz + $3::interval
WHERE message_id IN (SELECT message_id FROM complaint_replies WHERE outcome IS NULL AND next_try_at <= $1
                     ORDER BY next_try_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING message_id, complaint_id, reopened_count, received_at, attempts
"""
_END: Final = """
UPDATE complaint_replies SET outcome = $2, next_try_at = NULL WHERE message_id = $1 AND outcome IS NULL
RETURNING message_id
"""
_PUT_OFF: Final = "UPDATE complaint_replies SET next_try_at = $2 WHERE message_id = $1 AND outcome IS NULL"

_log: Final = structlog.get_logger("feedback.replies")


class RouterClient(Protocol):
    """What is needed to ask the router; `ServiceClient` is one."""

    async def request(self, method: str, path: str) -> httpx.Response:
        """Send one request."""


class _Text(BaseModel):
    text: str


class Replies:
    """Reads replies and takes the word of those that say nothing else."""

    def __init__(self, service: Service, router: RouterClient, replied: Wakeup) -> None:
        self._service = service
        self._router = router
        self._replied = replied

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            if not await self.step():
                await self._replied.wait(POLL_SECONDS)

    async def step(self) -> int:
        """Deal with some replies; how many there were."""
        async with self._service.database.write_raw() as connection:
            claimed = await connection.fetch(_CLAIM, self._service.clock.now(), BATCH, LEASE)
        for reply in claimed:
            text = await self._text(reply["message_id"])
            if text is None and self._service.clock.now() - reply["received_at"] < WAIT_FOR_TEXT:
                await self._put_off(reply)
            else:
                await self._end(reply, text)
        return len(claimed)

    async def _text(self, message_id: UUID) -> str | None:
        """What the customer wrote; None if the router does not say it now."""
        try:
            answer = await self._router.request("GET", f"/v1/messages/{encode('msg', message_id)}/text")
            if answer.status_code == HTTPStatus.NOT_FOUND:
                return ""
            answer.raise_for_status()
            return _Text.model_validate_json(answer.content).text
        except (httpx.HTTPError, ValidationError) as fault:
            _log.warning("router.no_answer", reason=type(fault).__name__)
            return None

    async def _end(self, reply: Any, text: str | None) -> None:
        """Take the word and say what became of the reply, in one transaction: a repetition finds it ended."""
        word = words.word_in(text) if text is not None else None
        outcome = "unreadable" if text is None else "left_to_owner"
        async with begin(self._service) as work:
            if word is not None:
                outcome = await words.hear(work, reply["complaint_id"], reply["reopened_count"], word, None, "mail")
            await work.execute(_END, reply["message_id"], outcome)

    async def _put_off(self, reply: Any) -> None:
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(reply["attempts"], 12), LONGEST_PAUSE_SECONDS)
        until = self._service.clock.now() + timedelta(seconds=pause)
        async with self._service.database.write_raw() as connection:
            await connection.execute(_PUT_OFF, reply["message_id"], until)
