"""The ids of this service and of those it hears from: UUIDs in code, typed text outside."""

from typing import Annotated
from uuid import UUID

from careline.ids import typed_id

CareId = Annotated[UUID, *typed_id("car")]
ComplaintId = Annotated[UUID, *typed_id("cmp")]
CustomerId = Annotated[UUID, *typed_id("cus")]
