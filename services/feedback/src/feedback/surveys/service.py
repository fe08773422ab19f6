"""Surveys: each change is a new version, so that what an answer answers is known for ever."""

import json
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from careline.database import ReadConnection, WriteConnection
from careline.problems import NotFound, PreconditionFailed, Problem
from feedback.context import Look, Row
from feedback.surveys import branching, repository
from feedback.surveys.schemas import Question, Script, ScriptQuestion, Survey, SurveyInput, SurveySummary


class PreconditionMissing(Problem):
    """Nobody overwrites what somebody else has changed since."""

    status = 428
    type_name = "precondition-missing"
    title = "If-Match is missing"


class Surveys:
    """Reads versions and remembers them: they never change."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], Survey] = {}

    def known(self, key: str, version: int) -> Survey | None:
        """A version that was read before."""
        return self._known.get((key, version))

    async def version(self, connection: ReadConnection | WriteConnection, key: str, version: int) -> Survey:
        """One version; NotFound if there is none."""
        survey = self._known.get((key, version))
        if survey is None:
            row = await repository.version(connection, key, version)
            if row is None:
                raise NotFound("survey", f"{key} version {version}")
            survey = self._known[key, version] = from_row(row)
        return survey


def etag(version: int) -> str:
    """The ETag of a survey's newest version."""
    return f'"{version}"'


async def newest(connection: ReadConnection | WriteConnection, key: str) -> Survey:
    """The newest version; NotFound if there is none."""
    row = await repository.newest(connection, key)
    if row is None:
        raise NotFound("survey", key)
    return from_row(row)


async def newest_in(look: Look, key: str) -> Survey:
    """The newest version as a unit of work sees it; NotFound if there is none."""
    row = await look.row(repository.NEWEST, key)
    if row is None:
        raise NotFound("survey", key)
    return from_row(row)


async def summaries(connection: ReadConnection) -> list[SurveySummary]:
    """All surveys by key."""
    return [
        SurveySummary(
            key=row["key"], version=row["version"], title=json.loads(row["title"]), created_at=row["created_at"]
        )
        for row in await repository.all_newest(connection)
    ]


async def write(
    connection: WriteConnection, key: str, body: SurveyInput, *, if_match: str | None, author: str, now: datetime
) -> Survey:
    """Add the next version; an existing survey wants the ETag of the version that the change was made on."""
    row = await repository.newest(connection, key)
    before = row["version"] if row is not None else 0
    if row is not None and if_match is None:
        raise PreconditionMissing("Send If-Match with the ETag of the version that you changed.")
    if if_match is not None and if_match != etag(before):
        raise PreconditionFailed("Read the survey again, then change it.")
    survey = Survey(key=key, version=before + 1, created_at=now, created_by=author, **dict(body))
    try:
        await repository.insert(connection, survey)
    except asyncpg.UniqueViolationError:
        raise PreconditionFailed("Read the survey again, then change it.") from None
    return survey


def script(survey: Survey) -> Script:
    """The way through a survey as a table, made with the same function that takes the answers."""
    return Script(
        survey=survey.key,
        survey_version=survey.version,
        title=survey.title,
        introduction=survey.introduction,
        first=survey.questions[0].key,
        questions=[_scripted(survey.questions, question) for question in survey.questions],
    )


def from_row(row: Row | asyncpg.Record) -> Survey:
    """The survey in a row."""
    texts = {name: json.loads(row[name]) for name in ("title", "introduction", "questions")}
    return Survey(**dict(row) | texts)


def _scripted(questions: Sequence[Question], question: Question) -> ScriptQuestion:
    lowest, highest = branching.LOWEST_AND_HIGHEST.get(question.kind, (None, None))
    ways: dict[str, str | None] = {}
    for value in branching.possible_values(question):
        said = "skipped" if value is None else "answered" if question.kind == "text" else str(value)
        key = branching.following(questions, question, value)
        ways[said] = None if key == branching.END else key
    return ScriptQuestion(
        key=question.key,
        kind=question.kind,
        text=question.text,
        required=question.required,
        lowest=lowest,
        highest=highest,
        choices=question.choices,
        next_by_answer=ways,
    )
