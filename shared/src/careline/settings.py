"""Settings come from environment variables, typed, with the prefix of the service and no default for a secret."""

from typing import TypeVar

from pydantic import Field, PostgresDsn, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSettingError


class ServiceSettings(BaseSettings):
    """What every service needs to run. A service subclasses this with its own `env_prefix`."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    database_url: PostgresDsn
    database_pool_size: int = Field(default=8, ge=1, le=64)
    kafka_bootstrap: str
    topic_prefix: str = "careline."
    # Names this process among its replicas; Kafka knows a restarted process again by it.
    instance: str = "0"
    public_url: str = "http://127.0.0.1:8080"
    token_issuer: str
    token_audience: str = "careline"  # noqa: S105 -- a name, no secret
    token_jwks_url: str
    token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    log_level: str = "INFO"
    crash_at: str | None = None
    # Switches that only the negative controls of the fault tests use: each must turn them red.
    control_commit_after_answer: bool = False
    control_inbox_off: bool = False


S = TypeVar("S", bound=ServiceSettings)


class SettingsError(Exception):
    """A setting is missing or wrong; the message names each variable and what it must be."""


def load_settings(settings_class: type[S]) -> S:
    """Read the settings from the environment, or raise SettingsError with one line for each fault."""
    try:
        return settings_class()
    except UnreadableSettingError as fault:
        raise SettingsError(
            f"Cannot start. {settings_class.__name__}: {fault}; a list or an object must be JSON"
        ) from None
    except ValidationError as fault:
        prefix = settings_class.model_config.get("env_prefix", "")
        lines = [
            f"{prefix}{'_'.join(str(part) for part in error['loc'])}".upper()
            + f": {_expectation(error['type'], error['msg'])}"
            for error in fault.errors()
        ]
        raise SettingsError("Cannot start. " + "; ".join(lines)) from None


def _expectation(kind: str, message: str) -> str:
    return "is missing, set this environment variable" if kind == "missing" else message
