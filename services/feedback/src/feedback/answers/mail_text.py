"""What a customer answers by mail: the first whole number of the first scale, and the rest as a comment. Pure.

What is quoted from our own mail is cut off first, because the question itself is full of numbers.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from feedback.surveys.branching import LOWEST_AND_HIGHEST, MAX_TEXT_CHARS, Value, first_scale, next_question
from feedback.surveys.schemas import Question

# No text that people write holds them, and no database keeps them.
_UNWANTED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Where mail programs put the mail that is answered.
_QUOTE_BEGINS: Final = re.compile(
    r"^\s*(?:-{2,}\s*(?:original message|原始邮件|原邮件|forwarded message)"
    r"|(?:on\b.{0,200}\bwrote:|在.{0,200}写道[：:]|.{0,200}于.{0,60}写道[：:])\s*$"
    r"|(?:from|发件人)\s*[：:].{0,200}$"
    r"|_{10,}\s*$)",
    re.IGNORECASE,
)
# A number by itself: not a part of 4.5, 2026-11-22, 13:30, #4711 or a word; `8/10` and `8 of 10` name their scale.
_NUMBER: Final = re.compile(
    r"(?<![\w.#/+\-])(?<!\d[,:])(?P<number>[0-9]{1,9})(?:\s{0,3}(?:/|out of|of)\s{0,3}(?P<top>[0-9]{1,9}))?"
    r"(?![\w%]|[.,:/\-]\d)",
    re.IGNORECASE,
)
# 五分 is a mark of five; 十分 is "very", and 五分钟 five minutes.
_CHINESE_MARK: Final = re.compile(r"(?<![一二两三四五六七八九十百])([零一二三四五六七八九])分(?![钟之])")
_CHINESE_DIGITS: Final = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


def own_words(text: str) -> str:
    """The text without what is quoted below or above it."""
    kept: list[str] = []
    for line in _UNWANTED.sub("", text).splitlines():
        if _QUOTE_BEGINS.match(line):
            break
        if not line.lstrip().startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()


def score(text: str, lowest: int, highest: int) -> int | None:
    """The first whole number of the scale in a text; None if there is none, or if it names another scale."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _CHINESE_MARK.sub(lambda found: f" {_CHINESE_DIGITS[found[1]]} ", plain)
    # 5分 and 给5分 are marks too, and no letters stand around a number in Chinese.
    plain = re.sub(r"(?<=[\u4e00-\u9fff])(?=\d)|(?<=\d)(?=分(?![钟之])|[\u3000-\u303f])", " ", plain)
    for found in _NUMBER.finditer(plain):
        if lowest <= (number := int(found["number"])) <= highest:
            top = found["top"]
            return number if top is None or int(top) == highest else None
    return None


def answers_in(questions: Sequence[Question], text: str) -> dict[str, Value] | None:
    """The answers that a mail holds; None if it holds none that would do without the other questions."""
    words, scale = own_words(text), first_scale(questions)
    if scale is None or (number := score(words, *LOWEST_AND_HIGHEST[scale.kind])) is None:
        return None
    answers: dict[str, Value] = {}
    commented = False
    while (question := next_question(questions, answers)) is not None:
        value: Value = None
        if question.key == scale.key:
            value = number
        elif question.kind == "text" and not commented:
            value, commented = words[:MAX_TEXT_CHARS], True
        if value is None and question.required:
            return None
        answers[question.key] = value
    return answers if answers.get(scale.key) is not None else None
