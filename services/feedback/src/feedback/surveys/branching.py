"""The one way through a survey: pure functions that the link's page, the agent on the phone and a mail all follow.

A question's own answer decides what comes next, and only questions further down can come, so every way ends. A
skipped question has the answer None; it fulfils `skipped` and no other condition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from feedback.surveys.schemas import Question, When

END: Final = "end"
LOWEST_AND_HIGHEST: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
MAX_TEXT_CHARS: Final = 4000
# A text that stands for every text.
_SOME_TEXT: Final = "…"

Value = int | str | None


class WrongAnswerError(Exception):
    """An answer does not fit its question or the way that the answers take."""

    def __init__(self, question: str, rule: str, hint: str) -> None:
        super().__init__(f"{question}: {rule}")
        self.question = question
        self.rule = rule
        self.hint = hint


def next_question(questions: Sequence[Question], answers: Mapping[str, Value]) -> Question | None:
    """The first question on the way of these answers that has none yet; None at the end."""
    for question in _way(questions, answers):
        if question.key not in answers:
            return question
    return None


def take(questions: Sequence[Question], given: Mapping[str, Value]) -> dict[str, Value]:
    """The whole way with its answers, in order, those left out as None; raises WrongAnswerError.

    Refused: a value that its question does not allow, a required question left out, and an answer to a question that
    this way does not come to.
    """
    taken: dict[str, Value] = {}
    while (question := next_question(questions, taken)) is not None:
        value = given.get(question.key)
        _check_value(question, value)
        taken[question.key] = value
    for key in given:
        if key not in taken:
            raise WrongAnswerError(key, "not asked", "Answer only the questions that the answers before lead to.")
    return taken


def first_scale(questions: Sequence[Question]) -> Question | None:
    """The first question that asks for a number."""
    return next((question for question in questions if question.kind in LOWEST_AND_HIGHEST), None)


def following(questions: Sequence[Question], question: Question, value: Value) -> str:
    """The key of the question after `question` was answered with `value`, or END."""
    for step in question.next:
        if step.when is None or _fulfils(step.when, value):
            return step.goto
    place = [each.key for each in questions].index(question.key) + 1
    return questions[place].key if place < len(questions) else END


def possible_values(question: Question) -> list[Value]:
    """Every answer that leads somewhere by itself; one text stands for all."""
    values: list[Value] = [None] if not question.required else []
    if question.kind in LOWEST_AND_HIGHEST:
        lowest, highest = LOWEST_AND_HIGHEST[question.kind]
        return [*values, *range(lowest, highest + 1)]
    if question.kind == "choice":
        return [*values, *(choice.key for choice in question.choices)]
    return [*values, _SOME_TEXT]


def check_questions(questions: Sequence[Question]) -> None:
    """ValueError says which rule of a survey the questions break."""
    keys = [question.key for question in questions]
    if len(set(keys)) < len(keys) or END in keys:
        raise ValueError(f"each question needs a key of its own, and none may be called {END!r}")
    for scale in LOWEST_AND_HIGHEST:
        if sum(question.kind == scale for question in questions) > 1:
            raise ValueError(f"a survey has at most one {scale} question, so that its score has one meaning")
    for place, question in enumerate(questions):
        _check_choices(question)
        for step in question.next:
            if step.goto != END and step.goto not in keys[place + 1 :]:
                raise ValueError(f"{question.key}: next can only go to a later question or to {END!r}")
            if step.when is not None:
                _check_condition(question, step.when)
    unreached = set(keys) - _reached(questions)
    if unreached:
        raise ValueError(f"no answer ever leads to {', '.join(sorted(unreached))}")


def _way(questions: Sequence[Question], answers: Mapping[str, Value]) -> list[Question]:
    """The questions that these answers lead through, up to the first without an answer."""
    by_key = {question.key: question for question in questions}
    way = [questions[0]]
    while way[-1].key in answers:
        key = following(questions, way[-1], answers[way[-1].key])
        if key == END:
            break
        way.append(by_key[key])
    return way


def _reached(questions: Sequence[Question]) -> set[str]:
    by_key = {question.key: question for question in questions}
    reached, ahead = set[str](), [questions[0].key]
    while ahead:
        key = ahead.pop()
        if key == END or key in reached:
            continue
        reached.add(key)
        ahead.extend(following(questions, by_key[key], value) for value in possible_values(by_key[key]))
    return reached


def _fulfils(when: When, value: Value) -> bool:
    if when.op == "skipped" or value is None:
        return when.op == "skipped" and value is None
    if when.op == "answered":
        return True
    if when.op in {"eq", "ne"}:
        return (value == when.value) is (when.op == "eq")
    if not isinstance(value, int) or not isinstance(when.value, int):
        return False
    return value <= when.value if when.op == "le" else value >= when.value


def _check_value(question: Question, value: Value) -> None:
    if value is None:
        if question.required:
            raise WrongAnswerError(question.key, "required", "Answer this question.")
        return
    if question.kind == "text":
        if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT_CHARS:
            raise WrongAnswerError(question.key, "not a text", f"Give a text of up to {MAX_TEXT_CHARS} characters.")
    # A bool is an int to Python; it is no score.
    elif isinstance(value, bool) or value not in possible_values(question):
        allowed = [str(each) for each in possible_values(question) if each is not None]
        raise WrongAnswerError(question.key, "not allowed", f"Give one of {', '.join(allowed)}.")


def _check_choices(question: Question) -> None:
    keys = [choice.key for choice in question.choices]
    if (question.kind == "choice") != bool(keys) or len(set(keys)) < len(keys):
        raise ValueError(f"{question.key}: a choice has choices with keys of their own, and no other kind has any")


def _check_condition(question: Question, when: When) -> None:
    plain = when.op in {"answered", "skipped"}
    if plain != (when.value is None):
        raise ValueError(f"{question.key}: {when.op} takes {'no value' if plain else 'a value'}")
    if plain:
        return
    if question.kind == "text" or (question.kind == "choice" and when.op in {"le", "ge"}):
        raise ValueError(f"{question.key}: {when.op} does not fit a question of kind {question.kind}")
    if when.value not in possible_values(question):
        raise ValueError(f"{question.key}: {when.value} is no answer of it")
