"""Timeline entries as they go in and out."""

from datetime import datetime
from typing import Any, Literal

from customer_profile.ids import TimelineEntryId
from customer_profile.inputs import Input, Moment, Output, Text

Channel = Literal["mail", "chat", "partner", "in_person", "phone", "phone_task"]
Kind = Channel | Literal["purchase", "product", "note", "complaint", "care", "feedback"]


class NoteInput(Input):
    """An earlier contact, written down by staff."""

    kind: Literal["mail", "chat", "partner", "in_person", "phone", "note"]
    occurred_at: Moment
    text: Text


class TimelineEntry(Output):
    """Something that happened with the customer."""

    id: TimelineEntryId
    kind: Kind
    occurred_at: datetime
    # A key of the catalogue of texts; the facts fill its gaps.
    title_key: str
    facts: dict[str, Any]
    source: str
    identity: Literal["verified", "claimed", "unknown"]
