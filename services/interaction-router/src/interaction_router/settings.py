"""Settings of the router; every name is an environment variable with the prefix ROUTER_."""

from pathlib import Path
from typing import Self
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings


class RouterSettings(ServiceSettings):
    """What the router needs beyond what every service needs. Without an IMAP host there is no mail channel."""

    model_config = SettingsConfigDict(env_prefix="ROUTER_", extra="ignore", frozen=True)

    # Where the font of printed cards lies (Noto Sans SC); unset, the system's fonts are taken.
    fonts: Path | None = None
    profile_url: str
    # Without it nothing of what care has decided is sent.
    care_url: str | None = None
    objects_url: str
    widget_origins: list[str] = Field(default_factory=list)
    # A visitor whose last line closed this long ago is gone.
    chat_gone_seconds: float = Field(default=60, gt=0)
    # The country of phone numbers that visitors type without one.
    phone_region: str = Field(default="CN", pattern="^[A-Z]{2}$")
    mail_imap_host: str | None = None
    mail_imap_port: int = Field(default=993, ge=1, le=65535)
    # Unset means TLS for every host but this one.
    mail_imap_tls: bool | None = None
    mail_imap_user: str | None = None
    mail_imap_password: SecretStr | None = None
    mail_smtp_host: str | None = None
    mail_smtp_port: int = Field(default=25, ge=1, le=65535)
    mail_address: str | None = None
    mail_sender_name: str = "Customer care"
    mail_queue: str = "mail"
    # How long whoever took deliveries may work on them; what a dead process held waits for the rest of it. The mail
    # server has three eighths of it to answer.
    delivery_lease_seconds: float = Field(default=120, ge=4)
    dkim_nameserver: str | None = None
    # A desk that is silent for longer than the lease is gone; one that closed its line gets the grace.
    presence_lease_seconds: float = Field(default=40, gt=0)
    presence_grace_seconds: float = Field(default=10, gt=0)
    # After a stop, a freeze or an outage of ours nobody is taken for gone before the pages had this long to come back.
    presence_return_seconds: float = Field(default=20, ge=0)
    # Where the day of the wall board begins at midnight.
    day_zone: str = "Asia/Shanghai"
    # After this long an agent may be offered again what she refused, if it still waits.
    refusal_lapses_seconds: int = Field(default=300, ge=1)
    # A switch that only a negative control of the fault tests uses: it must turn them red.
    control_hand_in_first: bool = False

    @field_validator("day_zone")
    @classmethod
    def _zone_is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("must be a time zone such as Asia/Shanghai")
        return name

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        needed = {
            "MAIL_IMAP_USER": self.mail_imap_user,
            "MAIL_IMAP_PASSWORD": self.mail_imap_password,
            "MAIL_SMTP_HOST": self.mail_smtp_host,
            "MAIL_ADDRESS": self.mail_address,
        }
        missing = [f"ROUTER_{name}" for name, value in needed.items() if value is None]
        if self.mail_imap_host and missing:
            raise ValueError(f"with ROUTER_MAIL_IMAP_HOST set, {', '.join(missing)} must be set too")
        return self
