"""The ids of this service: UUIDs in code, typed text outside."""

from typing import Annotated
from uuid import UUID

from careline.ids import typed_id

AgentId = Annotated[UUID, *typed_id("per")]
AttachmentId = Annotated[UUID, *typed_id("att")]
CardListId = Annotated[UUID, *typed_id("lst")]
CareId = Annotated[UUID, *typed_id("car")]
CustomerId = Annotated[UUID, *typed_id("cus")]
DecisionId = Annotated[UUID, *typed_id("dec")]
DeliveryId = Annotated[UUID, *typed_id("dlv")]
IdentifierId = Annotated[UUID, *typed_id("idf")]
IgnoredMailId = Annotated[UUID, *typed_id("ign")]
InteractionId = Annotated[UUID, *typed_id("int")]
LeavingId = Annotated[UUID, *typed_id("lve")]
MessageId = Annotated[UUID, *typed_id("msg")]
OfferId = Annotated[UUID, *typed_id("off")]
QuarantineId = Annotated[UUID, *typed_id("qua")]
QueueId = Annotated[UUID, *typed_id("que")]
TemplateId = Annotated[UUID, *typed_id("tpl")]
VisitorId = Annotated[UUID, *typed_id("vis")]
