"""What departments look like outside."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from directory.people.schemas import DepartmentId, DisplayName, PersonId

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class DepartmentName(BaseModel):
    """The name in both languages of the house."""

    model_config = ConfigDict(extra="forbid")

    zh_cn: Annotated[DisplayName, Field(alias="zh-CN")]
    en: DisplayName


class Department(BaseModel):
    """A department; without a head nobody hears when its complaints are late."""

    model_config = ConfigDict(from_attributes=True)

    id: DepartmentId
    key: str
    name: DepartmentName
    head_id: PersonId | None


class DepartmentInput(BaseModel):
    """A new department."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    name: DepartmentName
    head_id: PersonId | None = None


class DepartmentChange(BaseModel):
    """What is to be changed; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    key: Key | None = None
    name: DepartmentName | None = None
    head_id: PersonId | None = None
