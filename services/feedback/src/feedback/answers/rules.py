"""The rows that say which answers are low."""

import json
from typing import Final

from careline.problems import InvalidInput
from feedback.answers.lowness import Rule
from feedback.answers.schemas import LowScoreRule, LowScoreRules
from feedback.context import Look, Work
from feedback.surveys import service as surveys
from feedback.surveys.branching import LOWEST_AND_HIGHEST, possible_values
from feedback.surveys.schemas import Survey

_OF_SURVEY: Final = """
SELECT scale, at_most, wish_question, wish_value, severity FROM low_score_rules
WHERE survey_key = $1 AND active ORDER BY id
"""
_CLEAR: Final = "DELETE FROM low_score_rules WHERE survey_key = $1"
_ADD: Final = """
INSERT INTO low_score_rules (survey_key, scale, at_most, wish_question, wish_value, severity, active)
VALUES ($1, $2, $3, $4, $5, $6, true)
"""


async def of_survey(look: Look, survey: str) -> list[Rule]:
    """When an answer to a survey is low."""
    return [Rule(**row) for row in await look.rows(_OF_SURVEY, survey)]


def from_json(text: str | None) -> list[Rule]:
    """The rules as an invitation's row holds them."""
    return [Rule(**each) for each in json.loads(text)] if text else []


async def read(look: Look, survey: str) -> LowScoreRules:
    """The rules of a survey; NotFound if there is no such survey."""
    await surveys.newest_in(look, survey)
    return LowScoreRules(rules=[LowScoreRule(**row) for row in await look.rows(_OF_SURVEY, survey)])


async def write(work: Work, key: str, body: LowScoreRules) -> LowScoreRules:
    """Replace the rules of a survey; each must fit its newest version."""
    survey = await surveys.newest_in(work, key)
    for place, rule in enumerate(body.rules):
        _check(survey, rule, f"rules.{place}")
    await work.execute(_CLEAR, key)
    for rule in body.rules:
        await work.execute(_ADD, key, rule.scale, rule.at_most, rule.wish_question, rule.wish_value, rule.severity)
    return await read(work, key)


def _check(survey: Survey, rule: LowScoreRule, field: str) -> None:
    lowest, highest = LOWEST_AND_HIGHEST[rule.scale]
    if not lowest <= rule.at_most < highest:
        raise InvalidInput(f"{field}.at_most", "out of range", f"Give a number from {lowest} to {highest - 1}.")
    if all(question.kind != rule.scale for question in survey.questions):
        raise InvalidInput(f"{field}.scale", "not asked", "Name a scale that the survey asks for.")
    if rule.wish_question is None:
        return
    asked = next((question for question in survey.questions if question.key == rule.wish_question), None)
    if asked is None or asked.kind != "choice" or rule.wish_value not in possible_values(asked):
        raise InvalidInput(f"{field}.wish_question", "not asked", "Name a choice of the survey and one of its keys.")
