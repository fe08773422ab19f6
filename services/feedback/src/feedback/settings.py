"""Settings of the feedback service: environment variables that begin with `FEEDBACK_`."""

from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the feedback service needs to run."""

    model_config = SettingsConfigDict(env_prefix="FEEDBACK_")
