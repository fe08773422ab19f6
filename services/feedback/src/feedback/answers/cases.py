"""A low score is a complaint: it is opened in the transaction of the answer, once for each invitation.

If nobody could own one yet (a house without departments), the answer is taken all the same, and a job opens the
complaint as soon as somebody can.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import cast

import asyncpg
import structlog

from careline.app import Service
from careline.database import WriteConnection
from careline.ids import encode
from feedback.answers import lowness, rules
from feedback.complaints.owners import NobodyResponsible
from feedback.complaints.service import open_from_feedback
from feedback.complaints.states import Severity
from feedback.context import Row, Work, begin
from feedback.surveys.branching import Value
from feedback.surveys.schemas import Question, Survey
from feedback.surveys.service import Surveys

MAX_TEXT_CHARS = 4000
BATCH = 20
LOOK_BACK = timedelta(days=60)

# Low answers that no complaint tells of, locked so that two processes take different ones.
_WITHOUT_CASE = """
SELECT i.id, i.customer_id, i.interaction_id, i.language, i.tier, i.survey_key, i.survey_version,
       a.answers, a.csat, a.nps, a.ces
FROM answers a JOIN invitations i ON i.id = a.invitation_id
WHERE a.low AND a.answered_at > $1 AND NOT EXISTS (SELECT FROM complaints c WHERE c.invitation_id = i.id)
ORDER BY a.answered_at LIMIT $2 FOR NO KEY UPDATE OF i SKIP LOCKED
"""

_log = structlog.get_logger("feedback.cases")


async def open_case(
    work: Work, invitation: Row | asyncpg.Record, survey: Survey, answers: Mapping[str, Value], severity: str
) -> bool:
    """Open the complaint that a low answer is; False if nobody could own it yet."""
    try:
        await open_from_feedback(
            work,
            invitation_id=invitation["id"],
            customer_id=invitation["customer_id"],
            interaction_id=invitation["interaction_id"],
            text=told(survey, answers, invitation["language"]),
            severity=Severity(severity),
            tier=invitation["tier"],
        )
    except NobodyResponsible:
        _log.warning("low_score.nobody_responsible", invitation_id=encode("inv", invitation["id"]))
        return False
    return True


async def catch_up(service: Service, surveys: Surveys) -> int:
    """Open what could not be opened with its answer; how many there were."""
    async with begin(service) as work:
        rows = await work.rows(_WITHOUT_CASE, work.now - LOOK_BACK, BATCH)
        for row in rows:
            connection = cast("WriteConnection", work.transaction)
            survey = await surveys.version(connection, row["survey_key"], row["survey_version"])
            answers = json.loads(row["answers"])
            scores = {scale: row[scale] for scale in ("csat", "nps", "ces") if row[scale] is not None}
            # The rules may have been eased since; the answer was low when it was given.
            severity = lowness.severity(await rules.of_survey(work, survey.key), scores, answers) or "minor"
            if not await open_case(work, row, survey, answers, severity):
                return 0
    return len(rows)


def told(survey: Survey, answers: Mapping[str, Value], language: str) -> str:
    """What the customer said, question by question, as whoever owns the complaint reads it."""
    lines = [
        f"{question.text.in_language(language)} → {_words(question, value, language)}"
        for question in survey.questions
        if (value := answers.get(question.key)) is not None
    ]
    return "\n".join(lines)[:MAX_TEXT_CHARS]


def _words(question: Question, value: Value, language: str) -> str:
    chosen = next((choice for choice in question.choices if choice.key == value), None)
    return chosen.text.in_language(language) if chosen else str(value)
