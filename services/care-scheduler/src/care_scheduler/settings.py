"""Settings of the care scheduler: environment variables that begin with `CARE_`."""

from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the care scheduler needs to run."""

    model_config = SettingsConfigDict(env_prefix="CARE_")
