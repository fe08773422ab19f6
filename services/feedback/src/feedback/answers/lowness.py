"""When an answer is so low that a case opens by itself: the rules are rows, the judgement is pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from feedback.surveys.branching import Value

Severity = Literal["minor", "major"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A score of at most this much, and the wish that goes with it, if one is needed."""

    scale: str
    at_most: int
    wish_question: str | None
    wish_value: str | None
    severity: Severity


def severity(rules: Sequence[Rule], scores: Mapping[str, int], answers: Mapping[str, Value]) -> Severity | None:
    """How bad it is; None if no rule applies. A scale that was skipped is not low."""
    found = {rule.severity for rule in rules if _applies(rule, scores, answers)}
    return "major" if "major" in found else "minor" if found else None


def _applies(rule: Rule, scores: Mapping[str, int], answers: Mapping[str, Value]) -> bool:
    score = scores.get(rule.scale)
    if score is None or score > rule.at_most:
        return False
    return rule.wish_question is None or answers.get(rule.wish_question) == rule.wish_value
