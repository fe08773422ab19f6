"""Why an answer is not taken."""

from careline.problems import Conflict


class AlreadyAnswered(Conflict):
    """One answer for each invitation; the first one stays."""

    type_name = "already-answered"
    title = "Already answered"

    def __init__(self) -> None:
        super().__init__("This survey was answered before. Thank you; nothing more is needed.")


class SurveyOver(Conflict):
    """The time to answer is over, or the question was never to be asked."""

    type_name = "survey-over"
    title = "The survey is over"

    def __init__(self) -> None:
        super().__init__("Answers to this survey are no longer taken.")
