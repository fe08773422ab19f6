"""What a contact brings and who it is."""

from typing import Annotated, Literal

from pydantic import Field

from careline.problems import FieldFault
from customer_profile.events import IdentifierState, IdentifierType
from customer_profile.identifiers.schemas import Namespace
from customer_profile.ids import CustomerId, IdentifierId, VisitorId
from customer_profile.inputs import Input, Language, Line, Output

MAX_IDENTIFIERS = 10


class ContactIdentifier(Input):
    """An identifier that a contact came with, as it came."""

    type: IdentifierType
    value: Annotated[str, Field(max_length=1000)]
    namespace: Namespace = ""
    # Whether it was proven in this contact: by a code, the carrier's word, an aligned DKIM signature.
    proven: bool = False


class ResolutionInput(Input):
    """What is known of who has just contacted us."""

    identifiers: Annotated[list[ContactIdentifier], Field(max_length=MAX_IDENTIFIERS)] = Field(default_factory=list)
    display_name: Line | None = None
    language: Language = "zh-CN"
    visitor_id: VisitorId | None = None


class ResolvedIdentifier(Output):
    """An identifier of the contact that the customer has."""

    id: IdentifierId
    type: IdentifierType
    state: IdentifierState


class Resolution(Output):
    """Who it is, or may be. A claimed match discloses and changes nothing."""

    customer_id: CustomerId | None
    name: str | None
    tier: str | None
    language: str | None
    match: Literal["verified", "claimed", "none"]
    created: bool
    identifiers: list[ResolvedIdentifier]
    # Identifiers that are none, with the rule that they break; the contact goes on without them.
    unusable: list[FieldFault]
