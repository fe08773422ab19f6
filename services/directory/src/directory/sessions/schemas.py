"""What signing in takes and gives."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from directory.people.passwords import MAX_PASSWORD_LENGTH

NO_NUL = r"^[^\x00]*$"


class Credentials(BaseModel):
    """A login and its password. Any text is a login here: that one is unknown, only a wrong pair is told."""

    model_config = ConfigDict(extra="forbid")

    login: Annotated[str, Field(min_length=1, max_length=128, pattern=NO_NUL)]
    password: Annotated[SecretStr, Field(min_length=1, max_length=MAX_PASSWORD_LENGTH)]


class AccessToken(BaseModel):
    """A short token for the person who is signed in."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
