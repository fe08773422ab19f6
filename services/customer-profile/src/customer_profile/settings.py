"""Settings of the customer profile: environment variables that begin with `PROFILE_`."""

from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings


class Settings(ServiceSettings):
    """What the customer profile needs to run."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_")

    # Where uploaded import files are kept until their job has ended: file:///… or s3://…
    objects_url: str
