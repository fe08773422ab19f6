"""Settings of the care scheduler: environment variables that begin with `CARE_`."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings

KEY_BYTES = 32


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must name an IANA time zone, for example Asia/Shanghai")
    return name


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().encode()) < KEY_BYTES:
        raise ValueError(f"must have at least {KEY_BYTES} bytes")
    return key


class Settings(ServiceSettings):
    """What the care scheduler needs to run."""

    model_config = SettingsConfigDict(env_prefix="CARE_")

    profile_url: str
    feedback_url: str
    # Signs the tokens in unsubscribe links; whoever changes it makes all links in sent mails void.
    unsubscribe_key: Annotated[SecretStr, AfterValidator(_long_enough)]
    # The company's own zone: its day, and the zone of customers of whom none is known.
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    company_name: str = Field(default="Careline", min_length=1, max_length=100)
    # The part after the @ of the Message-IDs of our mails.
    message_domain: str = Field(default="careline.example", pattern=r"^[a-z0-9.-]{1,200}$")
    # A switch that only a negative control of the fault tests uses: it must turn them red.
    control_tell_apart: bool = False
