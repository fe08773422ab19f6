"""Answers by mail: the router keeps what was written, so it is asked for the text, outside of any transaction."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, Protocol
from uuid import UUID

import asyncpg
import httpx
import structlog
from pydantic import BaseModel, ValidationError

from careline.app import Service
from careline.ids import encode
from careline.problems import Problem
from careline.wakeups import Wakeup
from feedback.answers.mail_text import answers_in
from feedback.answers.problems import AlreadyAnswered, SurveyOver
from feedback.answers.service import Answering
from feedback.invitations import repository as invitations

BATCH: Final = 20
LEASE: Final = timedelta(seconds=30)
POLL_SECONDS: Final = 2.0
FIRST_PAUSE_SECONDS: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 600.0
# Care's word on which delivery asks what may come after the reply; after this long it is a reply to something else.
WAIT_FOR_REFERENCE: Final = timedelta(minutes=10)
# The router may be away for long; after this the agent who has the reply as an interaction has dealt with it.
WAIT_FOR_TEXT: Final = timedelta(days=3)
KEPT: Final = timedelta(days=90)

_CLAIM = """
UPDATE mail_replies SET attempts = attempts + 1, next_try_at = $1::timestamptz + $3::interval
WHERE message_id IN (SELECT message_id FROM mail_replies WHERE outcome IS NULL AND next_try_at <= $1
                     ORDER BY next_try_at LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING message_id, care_id, received_at, attempts
"""
_INVITATION_OF = "SELECT invitation_id FROM care_references WHERE care_id = $1"
_END = "UPDATE mail_replies SET outcome = $2, next_try_at = NULL WHERE message_id = $1"
_PUT_OFF = "UPDATE mail_replies SET next_try_at = $2 WHERE message_id = $1 AND outcome IS NULL"
_PRUNE = "DELETE FROM mail_replies WHERE outcome IS NOT NULL AND received_at < $1"

_log = structlog.get_logger("feedback.mail")


class RouterClient(Protocol):
    """What is needed to ask the router; `ServiceClient` is one."""

    async def request(self, method: str, path: str) -> httpx.Response:
        """Send one request."""


class _Text(BaseModel):
    text: str


class MailAnswers:
    """Takes the answers that customers send as replies."""

    def __init__(self, answering: Answering, router: RouterClient, replied: Wakeup) -> None:
        self._answering = answering
        self._service: Service = answering.service
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
            await self._settle(reply, await self._outcome(reply))
        return len(claimed)

    async def prune(self) -> None:
        """Forget replies that were dealt with long ago."""
        async with self._service.database.write_raw() as connection:
            await connection.execute(_PRUNE, self._service.clock.now() - KEPT)

    async def _outcome(self, reply: asyncpg.Record) -> str | None:
        """What became of a reply; None to try again later."""
        age = self._service.clock.now() - reply["received_at"]
        async with self._service.database.read_raw() as connection:
            invitation_id: UUID | None = await connection.fetchval(_INVITATION_OF, reply["care_id"])
            if invitation_id is None:
                return "no_invitation" if age > WAIT_FOR_REFERENCE else None
            invitation = await invitations.by_id(connection, invitation_id)
        if invitation is None:
            return "no_invitation"
        text = await self._text(reply["message_id"])
        if text is None:
            return "unreadable" if age > WAIT_FOR_TEXT else None
        return await self._take(invitation, text)

    async def _text(self, message_id: UUID) -> str | None:
        """What the customer wrote; None if the router does not say it now."""
        try:
            answer = await self._router.request("GET", f"/v1/messages/{encode('msg', message_id)}/text")
            if answer.status_code == HTTPStatus.NOT_FOUND:
                # Erased meanwhile, or without any text: nothing to take an answer from.
                return ""
            answer.raise_for_status()
            return _Text.model_validate_json(answer.content).text
        except (httpx.HTTPError, ValidationError) as fault:
            _log.warning("router.no_answer", reason=type(fault).__name__)
            return None

    async def _take(self, invitation: Any, text: str) -> str:
        async with self._service.database.read_raw() as connection:
            survey = await self._answering.surveys.version(
                connection, invitation["survey_key"], invitation["survey_version"]
            )
        answers = answers_in(survey.questions, text)
        if answers is None:
            # The reply is an interaction too: the agent who has it reads what it says.
            return "no_score"
        try:
            await self._answering.by_customer(invitation, answers, "mail")
        except AlreadyAnswered:
            return "already_answered"
        except SurveyOver:
            return "too_late"
        except Problem as refused:
            _log.warning("mail.answer_refused", reason=refused.type_name)
            return "no_score"
        return "answered"

    async def _settle(self, reply: asyncpg.Record, outcome: str | None) -> None:
        async with self._service.database.write_raw() as connection:
            if outcome is not None:
                await connection.execute(_END, reply["message_id"], outcome)
                return
            pause = min(FIRST_PAUSE_SECONDS * 2 ** min(reply["attempts"], 12), LONGEST_PAUSE_SECONDS)
            await connection.execute(
                _PUT_OFF, reply["message_id"], self._service.clock.now() + timedelta(seconds=pause)
            )
