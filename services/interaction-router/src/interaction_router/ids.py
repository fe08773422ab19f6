"""The ids of this service: UUIDs in code, typed text outside."""

from typing import Annotated
from uuid import UUID

from careline.ids import typed_id

AgentId = Annotated[UUID, *typed_id("per")]
AttachmentId = Annotated[UUID, *typed_id("att")]
CustomerId = Annotated[UUID, *typed_id("cus")]
DecisionId = Annotated[UUID, *typed_id("dec")]
InteractionId = Annotated[UUID, *typed_id("int")]
MessageId = Annotated[UUID, *typed_id("msg")]
OfferId = Annotated[UUID, *typed_id("off")]
QuarantineId = Annotated[UUID, *typed_id("qua")]
QueueId = Annotated[UUID, *typed_id("que")]
TemplateId = Annotated[UUID, *typed_id("tpl")]
VisitorId = Annotated[UUID, *typed_id("vis")]
