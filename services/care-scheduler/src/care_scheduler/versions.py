"""ETag and If-Match where two people may edit the same thing."""

from typing import Annotated, ClassVar

from fastapi import Header

from careline.problems import PreconditionFailed, Problem

IfMatch = Annotated[str | None, Header(description="The ETag of what the change was made on.")]


class VersionMissing(Problem):
    """Two people may edit this, so a change says what it was made on."""

    status: ClassVar[int] = 428
    type_name = "version-missing"
    title = "If-Match is missing"


def etag(version: int) -> str:
    """The version as the ETag that it is outside."""
    return f'"{version}"'


def check_match(if_match: str | None, version: int) -> None:
    """Raise VersionMissing or PreconditionFailed unless the change was made on `version`."""
    if if_match is None:
        raise VersionMissing("Read it first and send its ETag as 'If-Match'.")
    if if_match not in {etag(version), "*"}:
        raise PreconditionFailed("Read it again and make the change on what it is now.")
