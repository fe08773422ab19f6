"""What a mail answers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.answers.mail_text import answers_in, own_words, score
from feedback.surveys.branching import take
from feedback.surveys.schemas import SurveyInput

from .factories import UNHURRIED

WORDS = {"zh-CN": "问", "en": "Question"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("5", 5),
        ("4, thank you", 4),
        ("I give you a 3.", 3),
        ("４分", 4),
        ("5分，很好", 5),
        ("给5分", 5),
        ("我给五分", 5),
        ("Satisfaction: 2\nRecommend: 9", 2),
        ("4/5", 4),
        ("4 out of 5", 4),
        ("*5*", 5),
        ("评分：5", 5),
        ("很好，4分", 4),
        # None of these is a mark.
        ("", None),
        ("Thank you!", None),
        ("0", None),
        ("6", None),
        ("10", None),
        ("8/10", None),
        ("1/10", None),
        ("4.5", None),
        ("4,5", None),
        ("-3", None),
        ("at 3:30", None),
        ("at 3:05", None),
        ("我问了3次", None),
        ("Order #4, please", None),
        ("2026-11-22", None),
        ("138 0013 8000", None),
        ("K2 kettle", None),
        ("50% of it", None),
        ("十分满意", None),
        ("等了五分钟", None),
        ("等了5分钟", None),
    ],
)
def test_mark_from_one_to_five(text: str, found: int | None) -> None:
    assert score(text, 1, 5) == found


def test_zero_is_a_mark() -> None:
    assert score("0 - never again", 0, 10) == 0
    assert score("零分", 0, 10) == 0


def test_numbers_out_of_range_are_passed_over() -> None:
    assert score("On 23 November I waited 45 minutes. 2", 1, 5) == 2


@pytest.mark.parametrize(
    "quote",
    [
        "On Mon, 23 Nov 2026 at 10:00, Careline <care@careline.example> wrote:\n> 1 very dissatisfied",
        "> 1 very dissatisfied, 5 very satisfied",
        "-----Original Message-----\nHow satisfied are you? 1",
        "------------------ 原始邮件 ------------------\n发件人: Careline\n1 非常不满意",
        "在 2026年11月23日，Careline 写道：\n1 非常不满意",
        "发件人：Careline\n1 非常不满意",
        "From: Careline\nSent: 1",
        "________________________________\n1",
    ],
)
def test_our_own_question_is_no_answer(quote: str) -> None:
    assert own_words(f"Thank you.\n\n{quote}") == "Thank you."
    assert score(own_words(f"Thank you.\n\n{quote}"), 1, 5) is None


FOLLOW_UP = SurveyInput.model_validate(
    {
        "title": WORDS,
        "introduction": WORDS,
        "questions": [
            {"key": "csat", "kind": "csat", "text": WORDS, "required": True},
            {"key": "nps", "kind": "nps", "text": WORDS},
            {"key": "words", "kind": "text", "text": WORDS},
        ],
    }
).questions


def test_number_and_comment() -> None:
    assert answers_in(FOLLOW_UP, "4\nQuick help, thanks.") == {
        "csat": 4,
        "nps": None,
        "words": "4\nQuick help, thanks.",
    }


def test_without_a_number_it_is_left_to_the_agent() -> None:
    assert answers_in(FOLLOW_UP, "Call me!") is None


@UNHURRIED
@given(st.text(max_size=300))
def test_whatever_is_written_is_an_answer_that_is_taken_or_none(text: str) -> None:
    answers = answers_in(FOLLOW_UP, text)

    assert answers is None or take(FOLLOW_UP, answers) == answers
