"""What supervisors see of mails that opened nothing."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from interaction_router.ids import IgnoredMailId
from interaction_router.interactions.schemas import Input

Kind = Literal["auto_reply", "bounce", "bulk", "loop", "ourselves"]


class IgnoredMail(BaseModel):
    """A mail that opened nothing, because a machine seems to have written it; `kept` says that it can be let in."""

    id: IgnoredMailId
    sender: str
    subject: str
    kind: Kind
    size: int
    received_at: datetime
    kept: bool
    released_at: datetime | None


class ReleaseInput(Input):
    """The queue that the mail goes to; unset, that of its mailbox."""

    queue: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")] | None = None
