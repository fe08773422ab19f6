"""The way through a survey: pure, the same for link, phone and mail."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from feedback.surveys import branching
from feedback.surveys.branching import END, Value, WrongAnswerError, following, next_question, possible_values, take
from feedback.surveys.schemas import Question, SurveyInput

from .factories import UNHURRIED

WORDS = {"zh-CN": "问", "en": "Question"}
SCALES = list(branching.LOWEST_AND_HIGHEST)


def survey(*questions: dict[str, Any]) -> list[Question]:
    """Questions that hold together; ValidationError otherwise."""
    filled = [{"kind": "text", "text": WORDS, **question} for question in questions]
    return SurveyInput.model_validate({"title": WORDS, "introduction": WORDS, "questions": filled}).questions


FOLLOW_UP = survey(
    {
        "key": "csat",
        "kind": "csat",
        "required": True,
        "next": [{"when": {"op": "le", "value": 2}, "goto": "why"}, {"goto": "nps"}],
    },
    {"key": "why", "kind": "choice", "choices": [{"key": "time", "text": WORDS}, {"key": "other", "text": WORDS}]},
    {"key": "nps", "kind": "nps", "next": [{"when": {"op": "skipped"}, "goto": END}]},
    {"key": "words"},
)


class TestWay:
    def test_low_asks_why(self) -> None:
        assert [question.key for question in _way(FOLLOW_UP, {"csat": 1, "why": "time", "nps": 0, "words": "…"})] == [
            "csat",
            "why",
            "nps",
            "words",
        ]

    def test_high_does_not(self) -> None:
        assert take(FOLLOW_UP, {"csat": 5, "nps": 10}) == {"csat": 5, "nps": 10, "words": None}

    def test_a_skipped_question_can_end_it(self) -> None:
        assert take(FOLLOW_UP, {"csat": 3}) == {"csat": 3, "nps": None}

    def test_zero_is_an_answer(self) -> None:
        assert take(FOLLOW_UP, {"csat": 3, "nps": 0})["nps"] == 0

    def test_behind_a_skipped_branch(self) -> None:
        with pytest.raises(WrongAnswerError) as refused:
            take(FOLLOW_UP, {"csat": 5, "why": "time"})
        assert (refused.value.question, refused.value.rule) == ("why", "not asked")

    def test_required(self) -> None:
        with pytest.raises(WrongAnswerError, match="csat: required"):
            take(FOLLOW_UP, {"nps": 3})

    @pytest.mark.parametrize(
        "answers",
        [
            {"csat": 0},
            {"csat": 6},
            {"csat": True},
            {"csat": "5"},
            {"csat": 5, "nps": -1},
            {"csat": 5, "nps": 11},
            {"csat": 1, "why": "price"},
            {"csat": 1, "why": 1},
            {"csat": 5, "nps": 1, "words": 1},
            {"csat": 5, "nps": 1, "words": " "},
            {"csat": 5, "nobody": 1},
        ],
    )
    def test_what_no_question_allows(self, answers: dict[str, Value]) -> None:
        with pytest.raises(WrongAnswerError):
            take(FOLLOW_UP, answers)


class TestSaving:
    @pytest.mark.parametrize(
        "questions",
        [
            [{"key": "a"}, {"key": "a"}],
            [{"key": "end"}],
            [{"key": "a", "kind": "nps"}, {"key": "b", "kind": "nps"}],
            [{"key": "a", "next": [{"goto": "a"}]}],
            [{"key": "a"}, {"key": "b", "next": [{"goto": "a"}]}],
            [{"key": "a", "next": [{"goto": "nowhere"}]}],
            [{"key": "a", "next": [{"goto": "end"}]}, {"key": "b"}],
            [{"key": "a", "next": [{"when": {"op": "le", "value": 3}, "goto": "end"}]}, {"key": "b"}],
            [{"key": "a", "kind": "csat", "next": [{"when": {"op": "le", "value": 9}, "goto": "end"}]}, {"key": "b"}],
            [{"key": "a", "kind": "csat", "next": [{"when": {"op": "le"}, "goto": "end"}]}, {"key": "b"}],
            [{"key": "a", "kind": "csat", "next": [{"when": {"op": "skipped", "value": 1}, "goto": "end"}]}],
            [{"key": "a", "kind": "choice"}],
            [{"key": "a", "choices": [{"key": "x", "text": WORDS}]}],
            [{"key": "a", "kind": "choice", "choices": [{"key": "x", "text": WORDS}, {"key": "x", "text": WORDS}]}],
        ],
    )
    def test_refused(self, questions: list[dict[str, Any]]) -> None:
        with pytest.raises(ValidationError):
            survey(*questions)


@st.composite
def surveys(draw: st.DrawFn) -> list[Question]:
    """Any survey that holds together: forward steps with any condition that fits."""
    count = draw(st.integers(1, 7))
    scales = draw(st.permutations(SCALES))
    kinds = [draw(st.sampled_from([*scales[:1], "choice", "text"])) for _ in range(count)]
    seen: set[str] = set()
    questions = []
    for place, drawn in enumerate(kinds):
        kind = "text" if drawn in seen and drawn in SCALES else drawn
        seen.add(kind)
        question: dict[str, Any] = {"key": f"q{place}", "kind": kind, "required": draw(st.booleans())}
        if kind == "choice":
            question["choices"] = [{"key": f"c{number}", "text": WORDS} for number in range(draw(st.integers(1, 3)))]
        question["next"] = [
            {
                "when": draw(st.none() | st.just(when)),
                "goto": draw(st.sampled_from([*(f"q{n}" for n in range(place + 1, count)), END])),
            }
            for when in draw(st.lists(_conditions(question), max_size=3))
        ]
        questions.append(question)
    try:
        return survey(*questions)
    except ValidationError:
        # Steps may lead past a question for good; without them every question is reached.
        return survey(*({**question, "next": []} for question in questions))


def _conditions(question: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    plain = st.sampled_from(["answered", "skipped"]).map(lambda op: {"op": op})
    if question["kind"] in SCALES:
        lowest, highest = branching.LOWEST_AND_HIGHEST[question["kind"]]
        values: st.SearchStrategy[Any] = st.integers(lowest, highest)
        ops = ["eq", "ne", "le", "ge"]
    elif question["kind"] == "choice":
        values, ops = st.sampled_from([choice["key"] for choice in question["choices"]]), ["eq", "ne"]
    else:
        return plain
    return plain | st.fixed_dictionaries({"op": st.sampled_from(ops), "value": values})


@st.composite
def walks(draw: st.DrawFn) -> tuple[list[Question], dict[str, Value]]:
    """A survey and the answers of somebody who goes through it question by question."""
    questions = draw(surveys())
    answers: dict[str, Value] = {}
    while (question := next_question(questions, answers)) is not None:
        answers[question.key] = draw(st.sampled_from(possible_values(question)))
    return questions, answers


def _way(questions: list[Question], answers: dict[str, Value]) -> list[Question]:
    by_key = {question.key: question for question in questions}
    return [by_key[key] for key in take(questions, answers)]


class TestProperties:
    @UNHURRIED
    @given(walks())
    def test_every_walk_ends_and_is_taken_as_it_was_walked(self, walk: tuple[list[Question], dict[str, Value]]) -> None:
        questions, answers = walk
        places = {question.key: place for place, question in enumerate(questions)}
        assert take(questions, answers) == answers
        assert list(answers) == sorted(answers, key=places.__getitem__)

    @UNHURRIED
    @given(walks())
    def test_leaving_out_is_skipping(self, walk: tuple[list[Question], dict[str, Value]]) -> None:
        questions, answers = walk
        given_only = {key: value for key, value in answers.items() if value is not None}
        assert take(questions, given_only) == answers

    @UNHURRIED
    @given(walks(), st.data())
    def test_one_answer_more_is_refused(
        self, walk: tuple[list[Question], dict[str, Value]], data: st.DataObject
    ) -> None:
        questions, answers = walk
        passed = [question for question in questions if question.key not in answers]
        if passed:
            question = data.draw(st.sampled_from(passed))
            value = next(each for each in possible_values(question) if each is not None)
            with pytest.raises(WrongAnswerError):
                take(questions, {**answers, question.key: value})

    @UNHURRIED
    @given(walks())
    def test_the_table_of_a_page_leads_the_same_way(self, walk: tuple[list[Question], dict[str, Value]]) -> None:
        questions, answers = walk
        keys = list(answers)
        by_key = {question.key: question for question in questions}
        for key, after in zip(keys, [*keys[1:], END], strict=True):
            assert following(questions, by_key[key], answers[key]) == after
