"""What the router gets to send."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from care_scheduler.events import Means, Purpose
from care_scheduler.ids import CareId, CustomerId
from care_scheduler.inputs import Input, Output

MAX_CARE = 500


class ContentsInput(Input):
    """The care that is to be sent now."""

    care_ids: Annotated[list[CareId], Field(min_length=1, max_length=MAX_CARE)]


class Recipient(Output):
    """Who gets it; the address is a mail address or a telephone number, and empty for a card."""

    name: str
    address: str


class PostalAddress(Output):
    """Where a card goes."""

    lines: list[str]
    postcode: str | None
    country: str


class Content(Output):
    """What to send, or `cancelled` and the gate that says no by now. Nothing is filled in for cancelled care."""

    care_id: CareId
    verdict: Literal["send", "cancelled"]
    gate: str | None
    not_after: datetime
    customer_id: CustomerId
    purpose: Purpose
    means: Means
    occasion: str
    reference: str | None
    language: str
    to: Recipient | None
    postal_address: PostalAddress | None
    subject: str | None
    text: str | None
    script: str | None
    # Goes into List-Unsubscribe; the text ends with it too.
    unsubscribe_url: str | None
    # The same however often it is asked for: a second sending after a lost answer is the same mail.
    message_id: str


class Contents(Output):
    """The contents of the care that was asked for. What is not there may be asked for again later: we do not know it,
    or the customer is asleep by now.
    """

    items: list[Content]
