"""The ids of this service: UUIDs in code, typed text outside."""

from typing import Annotated
from uuid import UUID

from careline.ids import typed_id

CareId = Annotated[UUID, *typed_id("car")]
ComplaintId = Annotated[UUID, *typed_id("cmp")]
ConsentId = Annotated[UUID, *typed_id("cns")]
CustomerId = Annotated[UUID, *typed_id("cus")]
HouseholdId = Annotated[UUID, *typed_id("hou")]
IdentifierId = Annotated[UUID, *typed_id("idf")]
ImportId = Annotated[UUID, *typed_id("imp")]
LeavingId = Annotated[UUID, *typed_id("lve")]
PersonId = Annotated[UUID, *typed_id("per")]
ProductId = Annotated[UUID, *typed_id("pro")]
PurchaseId = Annotated[UUID, *typed_id("pur")]
TimelineEntryId = Annotated[UUID, *typed_id("tle")]
VisitorId = Annotated[UUID, *typed_id("vis")]
