"""What care is told of an invitation: its link, which nobody else ever gets, and the questions for the phone."""

from collections.abc import Sequence
from uuid import UUID

from careline.ids import encode
from feedback.contents.registry import Teller
from feedback.contents.schemas import Content
from feedback.context import Look
from feedback.invitations.tokens import Links
from feedback.surveys.branching import LOWEST_AND_HIGHEST
from feedback.surveys.schemas import Question, Survey
from feedback.surveys.service import from_row

# Whoever has answered, or is not to be asked any more, is not written to.
_OPEN = """
SELECT i.id, i.nonce, i.language, s.* FROM invitations i
JOIN surveys s ON s.key = i.survey_key AND s.version = i.survey_version
WHERE i.id = ANY($1) AND i.state IN ('invited', 'asked') AND i.answer_until >= $2
"""


def teller(links: Links) -> Teller:
    """Tells of invitations."""

    async def tell(look: Look, ids: Sequence[UUID]) -> list[Content]:
        contents = []
        for row in await look.rows(_OPEN, list(ids), look.now):
            survey = from_row({name: value for name, value in row.items() if name not in {"id", "nonce", "language"}})
            values = {"link": links.url(bytes(row["nonce"])), "survey_title": survey.title.in_language(row["language"])}
            contents.append(
                Content(reference=encode("inv", row["id"]), values=values, script=phone_text(survey, row["language"]))
            )
        return contents

    return tell


def phone_text(survey: Survey, language: str) -> str:
    """All questions in their order; which of them come is for the page to say, answer by answer."""
    lines = [survey.introduction.in_language(language)]
    lines += [_line(number, question, language) for number, question in enumerate(survey.questions, start=1)]
    return "\n".join(lines)


def _line(number: int, question: Question, language: str) -> str:
    text = f"{number}. {question.text.in_language(language)}"
    if question.kind in LOWEST_AND_HIGHEST:
        lowest, highest = LOWEST_AND_HIGHEST[question.kind]
        return f"{text} [{lowest}-{highest}]"
    if question.choices:
        return f"{text} [{' / '.join(choice.text.in_language(language) for choice in question.choices)}]"
    return text
