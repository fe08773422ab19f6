"""Settings of the directory: environment variables that begin with `DIRECTORY_`."""

from collections.abc import Mapping
from typing import Annotated

from joserfc.jwk import OKPKey
from pydantic import Field, PlainValidator, SecretStr
from pydantic_settings import NoDecode, SettingsConfigDict

from careline.settings import ServiceSettings
from directory.people.passwords import MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH
from directory.tokens.keys import read_published_keys, read_signing_key
from directory.tokens.service_clients import ServiceIdentity, read_service_clients

# Where the gateway shows this service; the session cookie is sent nowhere else.
PUBLIC_PATH = "/api/directory"


class Settings(ServiceSettings):
    """What the directory needs to run."""

    model_config = SettingsConfigDict(env_prefix="DIRECTORY_", hide_input_in_errors=True)

    # An Ed25519 private key as JSON Web Key.
    signing_key: Annotated[OKPKey, NoDecode, PlainValidator(read_signing_key)] = Field(repr=False)
    # Public keys that are published beside it: the next before it signs, the former until its tokens have expired.
    published_keys: Annotated[list[OKPKey], NoDecode, PlainValidator(read_published_keys)] = Field(
        default_factory=list, validate_default=False, repr=False
    )
    # The other services: {"<client id>": {"secret": "…", "scopes": ["…"]}}.
    service_clients: Annotated[Mapping[str, ServiceIdentity], NoDecode, PlainValidator(read_service_clients)] = Field(
        default_factory=dict, validate_default=False, repr=False
    )
    # For the first start only: the password of the login `admin`.
    bootstrap_admin_password: SecretStr | None = Field(
        default=None, min_length=MIN_PASSWORD_LENGTH, max_length=MAX_PASSWORD_LENGTH
    )
    # Whether an administrator may move business time forward: for demos and tests only.
    business_time_movable: bool = False

    @property
    def public_base(self) -> str:
        """The address of this service as people and partners see it."""
        return self.public_url.rstrip("/") + PUBLIC_PATH
