"""The ids of this service: UUIDs in code, typed text outside."""

from typing import Annotated
from uuid import UUID

from careline.ids import typed_id

CareId = Annotated[UUID, *typed_id("car")]
ComplaintId = Annotated[UUID, *typed_id("cmp")]
CustomerId = Annotated[UUID, *typed_id("cus")]
DepartmentId = Annotated[UUID, *typed_id("dep")]
HandoverId = Annotated[UUID, *typed_id("hof")]
InteractionId = Annotated[UUID, *typed_id("int")]
InvitationId = Annotated[UUID, *typed_id("inv")]
LeavingId = Annotated[UUID, *typed_id("lve")]
MessageId = Annotated[UUID, *typed_id("msg")]
PersonId = Annotated[UUID, *typed_id("per")]
SampleId = Annotated[UUID, *typed_id("smp")]
SurveyId = Annotated[UUID, *typed_id("svy")]
