"""What people look like outside."""

from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints
from pydantic.config import JsonDict

from careline.ids import typed_id
from directory.people.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from directory.people.roles import Role

PersonId = Annotated[UUID, *typed_id("per")]
DepartmentId = Annotated[UUID, *typed_id("dep")]
LeavingId = Annotated[UUID, *typed_id("lve")]
Locale = Literal["zh-CN", "en"]
Login = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_lower=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]{1,63}$"),
    Field(description="What the person types to sign in; upper and lower case are the same."),
]
DisplayName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")
]
NewPassword = Annotated[SecretStr, Field(min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH)]
# What a set of names says does not change by saying one of them twice.
REPEATED_IS_ONCE: Final[JsonDict] = {"uniqueItems": False}
Roles = Annotated[frozenset[Role], Field(min_length=1, json_schema_extra=REPEATED_IS_ONCE)]


class Person(BaseModel):
    """One who works here."""

    model_config = ConfigDict(from_attributes=True)

    id: PersonId
    login: str
    name: str
    roles: list[Role]
    locale: Locale
    department_id: DepartmentId | None
    active: bool
    state: Literal["active", "leaving", "left"]


class PersonInput(BaseModel):
    """A new person; without a password they cannot sign in yet."""

    model_config = ConfigDict(extra="forbid")

    login: Login
    name: DisplayName
    roles: Roles
    locale: Locale
    department_id: DepartmentId | None = None
    password: NewPassword | None = None


class PersonChange(BaseModel):
    """What is to be changed; what is left out stays. A new password ends the person's sessions."""

    model_config = ConfigDict(extra="forbid")

    name: DisplayName | None = None
    roles: Roles | None = None
    locale: Locale | None = None
    department_id: DepartmentId | None = None
    password: NewPassword | None = None


class RoleScopes(BaseModel):
    """A role and what it may do."""

    role: Role
    scopes: list[str]
