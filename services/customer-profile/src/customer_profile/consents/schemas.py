"""Consents as they go in and out."""

from datetime import datetime

from customer_profile.events import ConsentChannel, ConsentState, Purpose
from customer_profile.ids import ConsentId
from customer_profile.inputs import Input, Output, Slug, Text


class ConsentInput(Input):
    """What the customer said, where it was said, and what proves it."""

    purpose: Purpose
    channel: ConsentChannel
    state: ConsentState
    source: Slug
    proof: Text | None = None


class Consent(Output):
    """One entry of the ledger; nothing ever changes it."""

    id: ConsentId
    purpose: Purpose
    channel: ConsentChannel
    state: ConsentState
    source: str
    proof: str | None
    # The person or program that wrote it down.
    recorded_by: str
    recorded_at: datetime
