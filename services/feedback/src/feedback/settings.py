"""Settings of the feedback service: environment variables that begin with `FEEDBACK_`."""

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings

LINK_KEY_MIN_LENGTH = 32


class Settings(ServiceSettings):
    """What the feedback service needs to run."""

    model_config = SettingsConfigDict(env_prefix="FEEDBACK_")

    # Signs the links of surveys and of answers to complaints: whoever reads the database alone cannot make one.
    link_key: SecretStr = Field(min_length=LINK_KEY_MIN_LENGTH)
    # Tells a customer's tier and language; while it is away a customer's tier is unknown.
    profile_url: str
    # Tells what a customer wrote in reply to a survey's mail.
    router_url: str
    # Pages beside our own that may carry the complaint form, such as https://shop.example.
    form_origins: list[str] = Field(default_factory=list)
