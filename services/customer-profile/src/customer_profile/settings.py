"""Settings of the customer profile: environment variables that begin with `PROFILE_`."""

from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings
from customer_profile.preferences.schemas import TimeZone


class Settings(ServiceSettings):
    """What the customer profile needs to run."""

    model_config = SettingsConfigDict(env_prefix="PROFILE_")

    # Where uploaded import files are kept until their job has ended: file:///… or s3://…
    objects_url: str
    # Where the company is: the day on which somebody became a customer is this zone's, if they named none of their own.
    time_zone: TimeZone = "Asia/Shanghai"
