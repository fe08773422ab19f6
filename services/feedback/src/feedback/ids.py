"""The ids of this service: UUIDs in code, typed text outside."""

from typing import Annotated
from uuid import UUID

from careline.ids import typed_id

ComplaintId = Annotated[UUID, *typed_id("cmp")]
CustomerId = Annotated[UUID, *typed_id("cus")]
DepartmentId = Annotated[UUID, *typed_id("dep")]
HandoverId = Annotated[UUID, *typed_id("hof")]
InteractionId = Annotated[UUID, *typed_id("int")]
InvitationId = Annotated[UUID, *typed_id("inv")]
LeavingId = Annotated[UUID, *typed_id("lve")]
PersonId = Annotated[UUID, *typed_id("per")]
SurveyId = Annotated[UUID, *typed_id("svy")]
