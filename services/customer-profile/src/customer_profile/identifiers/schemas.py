"""Identifiers as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from customer_profile.events import IdentifierState, IdentifierType
from customer_profile.ids import IdentifierId
from customer_profile.inputs import Input, Line, Output

Namespace = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._\-]{0,64}$")]
Method = Literal["agent_check", "code", "carrier", "dkim", "document"]


class IdentifierRef(Input):
    """An identifier in any usual spelling."""

    type: IdentifierType
    value: Annotated[Line, Field(examples=["138 0013 8000"])]
    namespace: Namespace = ""


class IdentifierInput(IdentifierRef):
    """An identifier to add; it is claimed unless whoever adds it has checked it."""

    verified: bool = False


class VerificationInput(Input):
    """How it was checked that the identifier is the customer's."""

    method: Method


class Identifier(Output):
    """An identifier of a customer."""

    id: IdentifierId
    type: IdentifierType
    namespace: str
    value: str
    typed: str
    value_shown: str
    state: IdentifierState
    source: Literal["contact", "staff", "partner", "import"]
    added_at: datetime
    verified_at: datetime | None
