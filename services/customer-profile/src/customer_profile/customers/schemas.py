"""Customers as they go in and out."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from customer_profile.events import Stage
from customer_profile.identifiers.schemas import Identifier, IdentifierInput
from customer_profile.ids import CustomerId, PersonId
from customer_profile.inputs import Input, Language, Line, Output, Slug

MAX_IDENTIFIERS = 20
MAX_FLAGS = 20
MAX_ADDRESS_LINES = 6
LONGEST_LUNAR_MONTH_DAYS = 30
A_LEAP_YEAR = 2024


class Birthday(Input):
    """A birthday in the calendar in which it is kept; the year may be unknown."""

    calendar: Literal["solar", "lunar"] = "solar"
    year: Annotated[int, Field(ge=1880, le=2200)] | None = None
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]
    leap_month: bool = False

    @model_validator(mode="after")
    def _is_a_day(self) -> Self:
        if self.calendar == "lunar":
            if self.day > LONGEST_LUNAR_MONTH_DAYS:
                raise ValueError("a lunar month has at most 30 days")
            return self
        if self.leap_month:
            raise ValueError("only the lunar calendar has leap months")
        date(self.year or A_LEAP_YEAR, self.month, self.day)
        return self


class Flag(Input):
    """Something that staff should know at once."""

    code: Slug
    note: Line | None = None


class PostalAddress(Input):
    """Where letters reach the customer, line by line as it is written on the envelope under the name."""

    lines: Annotated[list[Line], Field(min_length=1, max_length=MAX_ADDRESS_LINES)]
    postcode: Annotated[Line, Field(max_length=16)] | None = None
    # ISO 3166-1 alpha-2.
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]


class CustomerInput(Input):
    """A customer to register."""

    name: Line
    salutation: Line | None = None
    language: Language = "zh-CN"
    tier: Slug = "regular"
    lifecycle: Stage = "customer"
    birthday: Birthday | None = None
    flags: Annotated[list[Flag], Field(max_length=MAX_FLAGS)] = Field(default_factory=list)
    postal_address: PostalAddress | None = None
    identifiers: Annotated[list[IdentifierInput], Field(max_length=MAX_IDENTIFIERS)] = Field(default_factory=list)


class CustomerChange(Input):
    """The fields to change; those that are left out stay."""

    name: Line = ""
    salutation: Line | None = None
    language: Language = ""
    tier: Slug = ""
    birthday: Birthday | None = None
    flags: Annotated[list[Flag], Field(max_length=MAX_FLAGS)] = Field(default_factory=list)
    postal_address: PostalAddress | None = None
    # Who looks after the customer's account.
    owner_id: PersonId | None = None


class Customer(Output):
    """A customer."""

    id: CustomerId
    name: str
    salutation: str | None
    language: str
    tier: str
    lifecycle: Stage
    birthday: Birthday | None
    flags: list[Flag]
    postal_address: PostalAddress | None
    owner_id: PersonId | None
    identifiers: list[Identifier]
    version: int
    created_at: datetime
    updated_at: datetime
