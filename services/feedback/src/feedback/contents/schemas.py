"""What care is told for its messages."""

from typing import Annotated

from pydantic import Field, StringConstraints

from feedback.inputs import Input, Output

MAX_REFERENCES = 500
Reference = Annotated[str, StringConstraints(pattern=r"^[a-z]{3}_[0-7][0-9a-z]{25}$")]


class ContentsInput(Input):
    """What is to be written about."""

    references: Annotated[list[Reference], Field(max_length=MAX_REFERENCES)]


class Content(Output):
    """The values for a template, and what an agent on the phone asks."""

    reference: str
    values: dict[str, str]
    script: str | None


class Contents(Output):
    """One item for each reference that there is still something to say about."""

    items: list[Content]
