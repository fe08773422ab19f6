"""The five services as processes, and the environment that each of them runs in."""

import http.client
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from careline_local import fonts
from careline_local.parts.ports import LOOPBACK
from careline_local.parts.processes import ProcessPart, ServerProcess
from careline_local.system.addresses import Addresses
from careline_local.system.folders import Folders
from careline_local.system.vault import Vault

START_SECONDS: Final = 60
STOP_SECONDS: Final = 15
MAILBOX: Final = "care@careline.example"


@dataclass(frozen=True)
class Description:
    """What tells one service from the others."""

    name: str
    database: str
    scopes: list[str] = field(default_factory=list)
    """What it may ask of other services in its own name."""

    @property
    def package(self) -> str:
        """Its Python package."""
        return self.name.replace("-", "_")

    @property
    def prefix(self) -> str:
        """Prefix of its environment variables."""
        return f"{self.database.upper()}_"

    @property
    def path(self) -> str:
        """Where the gateway shows it."""
        return f"/api/{self.database}"


SERVICES: Final = (
    Description("directory", "directory"),
    Description("customer-profile", "profile"),
    Description("interaction-router", "router", ["profile:resolve", "care:contents"]),
    Description("care-scheduler", "care", ["profile:care", "feedback:contents"]),
    Description("feedback", "feedback", ["profile:read", "profile:resolve", "messages:read", "interactions:read"]),
)


def environment(
    service: Description, *, addresses: Addresses, folders: Folders, vault: Vault, database_url: str
) -> dict[str, str]:
    """The settings of a service, as environment variables with its prefix."""
    directory = addresses.service_url("directory")
    settings = {
        "HOST": LOOPBACK,
        "PORT": str(addresses[service.name]),
        "DATABASE_URL": database_url,
        "KAFKA_BOOTSTRAP": f"{LOOPBACK}:{addresses['kafka']}",
        "PUBLIC_URL": addresses.public_url,
        "TOKEN_ISSUER": f"{addresses.public_url}/api/directory",
        "TOKEN_JWKS_URL": f"{directory}/.well-known/jwks.json",
        "TOKEN_URL": f"{directory}/oauth/token",
        "CLIENT_ID": service.name,
        "CLIENT_SECRET": vault.password(f"client {service.name}"),
    }
    settings |= _own_settings(service, addresses=addresses, folders=folders, vault=vault)
    return {f"{service.prefix}{name}": value for name, value in settings.items()}


def _own_settings(service: Description, *, addresses: Addresses, folders: Folders, vault: Vault) -> dict[str, str]:
    objects = {"OBJECTS_URL": folders.objects(service.name).as_uri()}
    match service.name:
        case "customer-profile":
            return objects
        case "interaction-router":
            return objects | {
                "PROFILE_URL": addresses.service_url("customer-profile"),
                "CARE_URL": addresses.service_url("care-scheduler"),
                "FONTS": str(fonts.FOLDER),
                "WIDGET_ORIGINS": json.dumps([addresses.public_url]),
                "MAIL_IMAP_HOST": LOOPBACK,
                "MAIL_IMAP_PORT": str(addresses["imap"]),
                "MAIL_IMAP_TLS": "false",
                "MAIL_IMAP_USER": MAILBOX,
                "MAIL_IMAP_PASSWORD": vault.password(f"mailbox {MAILBOX}"),
                "MAIL_SMTP_HOST": LOOPBACK,
                "MAIL_SMTP_PORT": str(addresses["smtp"]),
                "MAIL_ADDRESS": MAILBOX,
            }
        case "care-scheduler":
            return {
                "PROFILE_URL": addresses.service_url("customer-profile"),
                "FEEDBACK_URL": addresses.service_url("feedback"),
                "UNSUBSCRIBE_KEY": vault.password("key of unsubscribe links"),
            }
        case "feedback":
            return {
                "PROFILE_URL": addresses.service_url("customer-profile"),
                "ROUTER_URL": addresses.service_url("interaction-router"),
                "LINK_KEY": vault.password("key of survey links"),
            }
        case "directory":
            return {
                "BUSINESS_TIME_MOVABLE": "true",
                "SIGNING_KEY": vault.signing_key("directory signing key"),
                "BOOTSTRAP_ADMIN_PASSWORD": vault.password("person admin"),
                "SERVICE_CLIENTS": service_clients(vault),
            }
    return {}


def service_clients(vault: Vault) -> str:
    """What the directory is told about the other services, as JSON."""
    clients = {
        each.name: {"secret": vault.password(f"client {each.name}"), "scopes": each.scopes}
        for each in SERVICES
        if each.scopes
    }
    return json.dumps(clients)


class Service(ProcessPart):
    """One process of one service."""

    def __init__(
        self, description: Description, *, port: int, environment: dict[str, str], folder: Path, log: Path
    ) -> None:
        """Take its settings; `environment` may be changed before the next start."""
        self.description = description
        self.name = description.name
        self.port = port
        self.environment = environment
        self._folder = folder
        self._log = log
        self.process = ServerProcess(self.name, folder, log=log)

    @property
    def address(self) -> str:
        """Where other services find it."""
        return f"http://{LOOPBACK}:{self.port}"

    def migration(self) -> ServerProcess:
        """The process that brings database and topics up to date; not started yet."""
        return ServerProcess(f"{self.name} migrate", self._folder / "migrate", log=self._log)

    def command(self, word: str) -> list[str]:
        """The command line of one of its commands."""
        return [sys.executable, "-m", self.description.package, word]

    def process_environment(self) -> dict[str, str]:
        """Its settings among what every program of this machine gets."""
        return os.environ | self.environment

    def start(self) -> None:
        """Start it and wait until it is ready for requests."""
        if self.process.pid is not None:
            return
        self.process.start(self.command("serve"), environment=self.process_environment())
        self._wait_until_ready(START_SECONDS)

    def ready(self) -> bool:
        """Whether it says that it is ready."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self) -> None:
        """Let it finish what it began."""
        self.process.stop(seconds=STOP_SECONDS)
