"""Reading invitations, and the tries to ask on the phone."""

import json
from typing import Any
from uuid import UUID

import asyncpg

from careline.database import ReadConnection
from careline.ids import encode
from careline.pagination import Page
from careline.problems import Conflict, NotFound
from feedback.answers import repository as answers
from feedback.answers.problems import AlreadyAnswered, SurveyOver
from feedback.answers.schemas import Answered
from feedback.answers.service import Answering
from feedback.context import Work
from feedback.invitations import repository
from feedback.invitations.schemas import (
    Attempt,
    AttemptInput,
    Invitation,
    InvitationDetail,
    PhoneScript,
    PublicInvitation,
)
from feedback.positions import position, position_cursor
from feedback.surveys import service as surveys

MAX_ATTEMPTS = 5
_ATTEMPTS = """
SELECT number, disposition, note, attempted_by, attempted_at FROM attempts WHERE invitation_id = $1 ORDER BY number
"""
_LOCK = "SELECT state, answer_until FROM invitations WHERE id = $1 FOR NO KEY UPDATE"
_ADD_ATTEMPT = """
INSERT INTO attempts (invitation_id, number, disposition, note, attempted_by, attempted_at)
SELECT $1, 1 + count(*), $2, $3, $4, $5 FROM attempts WHERE invitation_id = $1
RETURNING number
"""


class TooManyAttempts(Conflict):
    """The customer has been called often enough."""

    type_name = "too-many-attempts"
    title = "Called often enough"


def invitation_fields(row: asyncpg.Record) -> dict[str, Any]:
    """The fields of an Invitation in a row."""
    hidden = {"survey_key", "nonce", "version", "low_score_rules"}
    return {name: value for name, value in row.items() if name not in hidden} | {"survey": row["survey_key"]}


async def public(connection: ReadConnection, answering: Answering, row: asyncpg.Record) -> PublicInvitation:
    """What a link's page shows."""
    over = row["state"] == "not_asked" or answering.service.business_clock.now() > row["answer_until"]
    if row["state"] == "answered" or over:
        state = "answered" if row["state"] == "answered" else "over"
        return PublicInvitation(state=state, language=row["language"], script=None)
    survey = await answering.surveys.version(connection, row["survey_key"], row["survey_version"])
    return PublicInvitation(state="open", language=row["language"], script=surveys.script(survey))


async def page(
    connection: ReadConnection, customer_id: UUID | None, state: str | None, cursor: str | None, limit: int
) -> Page[Invitation]:
    """A page of invitations."""
    rows = await repository.page(
        connection, customer_id=customer_id, state=state, after=position("inv", cursor), limit=limit
    )
    items = [Invitation(**invitation_fields(row)) for row in rows[:limit]]
    last = items[-1] if len(rows) > limit else None
    return Page(items=items, next=position_cursor("inv", last.invited_at, last.id) if last else None)


async def detail(connection: ReadConnection, row: asyncpg.Record) -> InvitationDetail:
    """An invitation with what came of it."""
    answer = await answers.of_invitation(connection, row["id"])
    return InvitationDetail(
        **invitation_fields(row),
        attempts=await attempts(connection, row["id"]),
        answer=_answered(answer) if answer is not None else None,
    )


async def phone_script(connection: ReadConnection, answering: Answering, row: asyncpg.Record) -> PhoneScript:
    """What the agent asks."""
    survey = await answering.surveys.version(connection, row["survey_key"], row["survey_version"])
    tried = await attempts(connection, row["id"])
    return PhoneScript(
        invitation_id=row["id"],
        customer_id=row["customer_id"],
        language=row["language"],
        state=row["state"],
        answer_until=row["answer_until"],
        attempts_left=MAX_ATTEMPTS - len(tried),
        attempts=tried,
        script=surveys.script(survey),
    )


async def attempts(connection: ReadConnection, invitation_id: UUID) -> list[Attempt]:
    """The tries so far, in order."""
    return [Attempt(**row) for row in await connection.fetch(_ATTEMPTS, invitation_id)]


async def attempt(work: Work, invitation_id: UUID, body: AttemptInput, by: str) -> Attempt:
    """Record a try; its number is taken under the invitation's row lock."""
    row = await work.row(_LOCK, invitation_id)
    if row is None:
        raise NotFound("invitation", encode("inv", invitation_id))
    if row["state"] == "answered":
        raise AlreadyAnswered
    if row["state"] == "not_asked" or work.now > row["answer_until"]:
        raise SurveyOver
    try:
        added = await work.row(_ADD_ATTEMPT, invitation_id, body.disposition, body.note, by, work.now)
    except asyncpg.CheckViolationError:
        raise TooManyAttempts(f"{MAX_ATTEMPTS} tries are enough; leave the customer in peace.") from None
    assert added is not None  # noqa: S101 -- an aggregate has one row
    return Attempt(number=added["number"], attempted_by=by, attempted_at=work.now, **dict(body))


def _answered(row: asyncpg.Record) -> Answered:
    scores = {scale: row[scale] for scale in ("nps", "csat", "ces") if row[scale] is not None}
    return Answered(
        answers=json.loads(row["answers"]),
        scores=scores,
        low=row["low"],
        channel=row["channel"],
        recorded_by=row["recorded_by"],
        answered_at=row["answered_at"],
    )
