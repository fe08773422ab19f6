"""What partner clients look like outside."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from careline.ids import typed_id
from directory.people.schemas import REPEATED_IS_ONCE, DisplayName

ClientId = Annotated[UUID, *typed_id("cli")]


class PartnerScope(StrEnum):
    """All that a partner's program can be allowed; what people do at the desk is not among it."""

    INTERACTIONS_WRITE = "interactions:write"
    INTERACTIONS_READ = "interactions:read"
    PURCHASES_WRITE = "purchases:write"
    IMPORTS_WRITE = "imports:write"
    COMPLAINTS_WRITE = "complaints:write"


class Client(BaseModel):
    """A partner's program; its id is its OAuth `client_id`."""

    model_config = ConfigDict(from_attributes=True)

    id: ClientId
    name: str
    scopes: list[PartnerScope]
    created_at: datetime


class NewClient(Client):
    """A client with its secret, which is shown this once."""

    secret: str


class ClientInput(BaseModel):
    """A new partner client."""

    model_config = ConfigDict(extra="forbid")

    name: DisplayName
    scopes: Annotated[frozenset[PartnerScope], Field(min_length=1, json_schema_extra=REPEATED_IS_ONCE)]
