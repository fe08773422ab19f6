"""Taking answers: by link, by mail and on the phone alike, once for each invitation."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from careline.app import Service
from careline.crash import crash_point
from careline.database import WriteConnection, after_commit
from careline.ids import encode
from careline.problems import InvalidInput
from feedback.answers import cases, lowness, repository, rules
from feedback.answers.lowness import Rule, Severity
from feedback.answers.problems import AlreadyAnswered, SurveyOver
from feedback.answers.schemas import Taken
from feedback.context import work_in
from feedback.invitations.events import AnswerChannel, Answered
from feedback.surveys.branching import LOWEST_AND_HIGHEST, Value, WrongAnswerError, take
from feedback.surveys.schemas import Survey
from feedback.surveys.service import Surveys

Row = asyncpg.Record


@dataclass(frozen=True, slots=True)
class Given:
    """Answers that fit their survey, and what they amount to."""

    survey: Survey
    answers: dict[str, Value]
    scores: dict[str, int]
    severity: Severity | None


@dataclass(frozen=True, slots=True)
class Answering:
    """Takes answers in the running service."""

    service: Service
    surveys: Surveys

    async def by_customer(
        self, invitation: Row, given: Mapping[str, Value], channel: AnswerChannel, recorded_by: str | None = None
    ) -> Taken:
        """Keep the answers for good; AlreadyAnswered, SurveyOver or InvalidInput say why not."""
        now = self.service.business_clock.now()
        _check_open(invitation, now)
        survey = self.surveys.known(invitation["survey_key"], invitation["survey_version"])
        if survey is None:
            async with self.service.database.read_raw() as reading:
                survey = await self.surveys.version(reading, invitation["survey_key"], invitation["survey_version"])
        fitting = fit(survey, given, rules.from_json(invitation["low_score_rules"]))
        try:
            async with self._edge(fitting) as connection:
                await self._take(connection, invitation, fitting, channel, recorded_by, now)
        except asyncpg.IntegrityConstraintViolationError as fault:
            if fault.constraint_name == "pk_answers":
                raise AlreadyAnswered from None
            if fault.constraint_name == "ck_invitations_transition":
                raise SurveyOver from None
            raise
        crash_point("edge.after_commit")
        return Taken(invitation_id=invitation["id"], answered_at=now)

    def _edge(self, given: Given) -> AbstractAsyncContextManager[WriteConnection]:
        """A low score writes a case beside the answer, so it needs a transaction; any other is one statement."""
        database = self.service.database
        if given.severity is None:
            return database.write_one_statement()
        return database.at_the_edge(database.write_raw())

    async def _take(
        self,
        connection: WriteConnection,
        invitation: Row,
        given: Given,
        channel: AnswerChannel,
        recorded_by: str | None,
        now: datetime,
    ) -> None:
        outbox = self.service.outbox
        event = Answered(
            invitation_id=invitation["id"],
            customer_id=invitation["customer_id"],
            survey=invitation["survey_key"],
            survey_version=invitation["survey_version"],
            interaction_id=invitation["interaction_id"],
            complaint_id=invitation["complaint_id"],
            scores=given.scores,
            channel=channel,
            low=given.severity is not None,
        )
        # Events carry real time. The statement puts in the sequence, which only the invitation's row lock can tell.
        event_id, aggregate, aggregate_id, kind, _, payload, occurred_at = outbox.row(
            event, encode("inv", invitation["id"]), 0, self.service.clock.now()
        )
        taken = await repository.take(
            connection,
            invitation["id"],
            json.dumps(given.answers, ensure_ascii=False),
            *(given.scores.get(scale) for scale in ("nps", "csat", "ces")),
            given.severity is not None,
            channel,
            recorded_by,
            now,
            event_id,
            aggregate,
            aggregate_id,
            kind,
            payload,
            occurred_at,
        )
        if not taken:
            raise AlreadyAnswered
        if given.severity is not None:
            work = work_in(self.service, connection)
            await cases.open_case(work, invitation, given.survey, given.answers, given.severity)
        after_commit(connection, outbox.appended.set)


def fit(survey: Survey, given: Mapping[str, Value], low: Sequence[Rule]) -> Given:
    """The answers as they are kept; InvalidInput says which of them does not fit the survey."""
    try:
        answers = take(survey.questions, given)
    except WrongAnswerError as fault:
        raise InvalidInput(f"answers.{fault.question}", fault.rule, fault.hint) from None
    scores = scores_of(survey, answers)
    return Given(survey, answers, scores, lowness.severity(low, scores, answers))


def scores_of(survey: Survey, answers: Mapping[str, Value]) -> dict[str, int]:
    """The score of each scale that was answered; a survey has each scale once."""
    return {
        question.kind: value
        for question in survey.questions
        if question.kind in LOWEST_AND_HIGHEST and isinstance(value := answers.get(question.key), int)
    }


def _check_open(invitation: Row, now: datetime) -> None:
    if invitation["state"] == "answered":
        raise AlreadyAnswered
    if invitation["state"] == "not_asked" or now > invitation["answer_until"]:
        raise SurveyOver
