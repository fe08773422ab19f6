"""Households as they go in and out."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from customer_profile.ids import CustomerId, HouseholdId
from customer_profile.inputs import Input, Line, Output

MAX_MEMBERS = 50


class MemberInput(Input):
    """A customer who lives in the household, and as what."""

    customer_id: CustomerId
    relation: Line | None = None


class HouseholdInput(Input):
    """People who live together."""

    name: Line
    members: Annotated[list[MemberInput], Field(min_length=1, max_length=MAX_MEMBERS)]


class Member(Output):
    """A customer in a household."""

    customer_id: CustomerId
    name: str
    relation: str | None


class Household(Output):
    """People who live together."""

    id: HouseholdId
    name: str
    members: list[Member]
    created_at: datetime
