"""Settings of the router; every name is an environment variable with the prefix ROUTER_."""

from pathlib import Path
from typing import Self
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from careline.settings import ServiceSettings
from interaction_router.channels.mail.smtp import Server, Tls

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# Of the lease; the mail server's time to answer.
ANSWER_SHARE = 0.375
SUBMISSIONS_PORT = 465


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
    # Unset means: from the first byte on port 465, demanded where we log in, elsewhere where it is offered.
    mail_smtp_tls: Tls | None = None
    mail_smtp_user: str | None = None
    mail_smtp_password: SecretStr | None = None
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
    def _password_is_kept(self) -> Self:
        if (self.mail_smtp_user is None) != (self.mail_smtp_password is None):
            raise ValueError("ROUTER_MAIL_SMTP_USER and ROUTER_MAIL_SMTP_PASSWORD must be set together")
        open_line = self.mail_smtp_tls is Tls.OFFERED and self.mail_smtp_host not in LOOPBACK
        if self.mail_smtp_password is not None and open_line:
            raise ValueError("with ROUTER_MAIL_SMTP_PASSWORD set, ROUTER_MAIL_SMTP_TLS must be implicit or required")
        return self

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

    def mail_server(self) -> Server | None:
        """Where mail is handed in; None where no mail leaves."""
        if self.mail_smtp_host is None or self.mail_address is None:
            return None
        tls = self.mail_smtp_tls
        if tls is None and self.mail_smtp_port == SUBMISSIONS_PORT:
            tls = Tls.IMPLICIT
        password = self.mail_smtp_password
        return Server(
            host=self.mail_smtp_host,
            port=self.mail_smtp_port,
            sender=self.mail_address,
            answer_seconds=self.delivery_lease_seconds * ANSWER_SHARE,
            tls=tls or (Tls.OFFERED if password is None else Tls.REQUIRED),
            user=self.mail_smtp_user,
            password="" if password is None else password.get_secret_value(),
        )
