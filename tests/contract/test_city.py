"""The city answers the survey that the product ships, and all its figures."""

import importlib.util
import random
from typing import Any

from pydantic import TypeAdapter

from careline_local import paths
from careline_local.city.citizens import Citizen
from careline_local.city.opinions import opinion
from feedback.surveys.branching import take
from feedback.surveys.schemas import Question

_FIRST_SURVEY = paths.CHECKOUT / "services/feedback/migrations/versions/0002_surveys.py"


def _questions() -> list[Question]:
    spec = importlib.util.spec_from_file_location("first_survey", _FIRST_SURVEY)
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return TypeAdapter(list[Question]).validate_python(module.QUESTIONS)


def test_citizens_answer_what_they_are_asked_and_every_figure_gets_its_answers() -> None:
    questions = _questions()
    chance = random.Random(7)
    scales = {each.key: each.kind for each in questions if each.kind in {"csat", "nps", "ces"}}
    answered = dict.fromkeys(scales.values(), 0)
    for _ in range(300):
        citizen = Citizen("cus_1", "Li", "li@city.example", "en", 10.0, chance.betavariate(4, 2))
        # Raises for an answer to what this way does not ask.
        for key, value in take(questions, opinion(citizen, chance)).items():
            if key in scales and value is not None:
                answered[scales[key]] += 1

    assert answered["csat"] == 300
    assert answered["nps"] > 200
    assert answered["ces"] > 200
