"""What a mail is to us once it has been read."""

from dataclasses import dataclass, field
from enum import StrEnum


class QuarantineReason(StrEnum):
    """Why a mail is shown to a supervisor instead of an agent."""

    TOO_LARGE = "too_large"
    TOO_MANY_PARTS = "too_many_parts"
    TOO_DEEP = "too_deep"
    BROKEN_STRUCTURE = "broken_structure"
    NO_SENDER = "no_sender"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A mail that cannot be shown safely; a person looks at it."""

    reason: QuarantineReason
    sender: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a mail."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A mail that can be shown. `external_id` is its Message-ID, or a hash of its bytes if it has none.

    `content_hash` stands for what its author wrote, and not for how it came here.
    """

    external_id: str
    content_hash: bytes
    sender: str
    sender_name: str
    authors: int
    subject: str
    text: str
    html_available: bool
    attachments: tuple[Attachment, ...]
    references: tuple[str, ...]
    headers: dict[str, tuple[str, ...]] = field(repr=False)

    def header(self, name: str) -> str:
        """The first value of a header, lower case, or nothing."""
        return self.headers.get(name, ("",))[0].strip().lower()
