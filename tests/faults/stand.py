"""The test stand: PostgreSQL, Kafka and the service processes on free ports in one folder."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import asyncpg

from careline_local import paths
from careline_local.parts.base import PartError
from careline_local.parts.greenmail import GreenMail
from careline_local.parts.kafka import Kafka
from careline_local.parts.ports import LOOPBACK, free_port
from careline_local.parts.postgresql import PostgreSQL
from careline_local.parts.processes import ProcessPart
from careline_local.system.addresses import Addresses
from careline_local.system.databases import create_databases, database_url
from careline_local.system.folders import Folders
from careline_local.system.services import MAILBOX, SERVICES, Description, Service, environment
from careline_local.system.vault import Vault
from tests.faults.daytime import afternoon_zone

WITNESS: Final = Description("tests.faults.witness", "witness")
RESTART_AFTER_SECONDS: Final = 1.0  # As the launcher's supervisor does.
# What a client of the router may miss while a test kills it; short, so that a lost offer comes again soon.
_ROUTER: Final = {"ROUTER_PRESENCE_LEASE_SECONDS": "30", "ROUTER_PRESENCE_GRACE_SECONDS": "5"}
# Shorter than a freeze, so that others take over what a frozen sender holds; and mails that a dead one held go on soon.
DELIVERY_LEASE_SECONDS: Final = 16


class Stand:
    """Everything that a fault test breaks. Each part keeps its address when it is started again."""

    def __init__(
        self,
        folder: Path,
        services: Sequence[str],
        *,
        witness: bool = True,
        mailboxes: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the parts; `services` are names of our services. With mailboxes there is a mail server."""
        self.folders = Folders(folder)
        self._addresses = Addresses.free()
        self.vault = Vault(self.folders.secrets)
        self._descriptions = [each for each in SERVICES if each.name in services] + [WITNESS] * witness
        data = self.folders.data
        self.postgresql = PostgreSQL(data / "postgresql", log=self.folders.log("postgresql"))
        # As in production, but told here: the promises of this stand hang on them.
        self.postgresql.settings |= {"fsync": "on", "synchronous_commit": "on"}
        self.kafka = Kafka(data / "kafka", log=self.folders.log("kafka"))
        self.mail: GreenMail | None = None
        if mailboxes is not None:
            log = self.folders.log("greenmail")
            self.mail = GreenMail(data / "greenmail", mailboxes={MAILBOX: "faults", **mailboxes}, log=log)
        self.zone = afternoon_zone()
        self.services: list[Service] = []
        self._plain: dict[str, dict[str, str]] = {}

    @property
    def parts(self) -> list[ProcessPart]:
        """Everything that runs."""
        return [self.postgresql, self.kafka, *self._mail_servers, *self.services]

    @property
    def _mail_servers(self) -> list[GreenMail]:
        return [] if self.mail is None else [self.mail]

    @property
    def public_url(self) -> str:
        """What the services believe to be their public address; nobody listens there."""
        return self._addresses.public_url

    @property
    def admin_password(self) -> str:
        """The password of the login `admin`."""
        return self.vault.password("person admin")

    def service(self, name: str) -> Service:
        """A service by its name."""
        return next(service for service in self.services if service.name == name)

    def start(self) -> None:
        """Start PostgreSQL, Kafka and mail server and migrate; after an error `stop` ends what had started."""
        with ThreadPoolExecutor() as pool:
            _all(pool, [self.postgresql.start, self.kafka.start, *(each.start for each in self._mail_servers)])
            create_databases(self.postgresql.address, self.vault)
            asyncio.run(_create_database(self.postgresql.address, WITNESS.database))
            self.services = [self._describe(each) for each in self._descriptions]
            _all(pool, [lambda each=each: _migrate(each) for each in self.services])  # type: ignore[misc]

    def serve(self) -> None:
        """Start all services and wait until they are ready."""
        with ThreadPoolExecutor() as pool:
            _all(pool, [each.start for each in self.services])

    def restart(self, part: ProcessPart, **settings: str) -> None:
        """Start a part that is down and wait for it; a service gets these settings (without prefix) beside its own."""
        if isinstance(part, Service):
            self._equip(part, settings)
        part.start()

    def launch(self, service: Service, **settings: str) -> None:
        """Start a service that may die before it is ready."""
        self._equip(service, settings)
        service.process.start(service.command("serve"), environment=service.process_environment())

    def _equip(self, service: Service, settings: dict[str, str]) -> None:
        prefix = service.description.prefix
        service.environment = self._plain[service.name] | {f"{prefix}{name}": text for name, text in settings.items()}

    def stop(self) -> None:
        """End everything by force: whether an orderly stop works is another test's question."""
        for part in reversed(self.parts):
            part.kill()

    def replica(self, name: str) -> Service:
        """A second process of a service, not started."""
        description = next(each for each in SERVICES if each.name == name)
        number = sum(each.description == description for each in self.services)
        second = self._describe(description, number=number)
        self.services.append(second)
        return second

    def database(self, name: str) -> str:
        """URL of a service's database, as the superuser."""
        return f"{self.postgresql.address}/{name}"

    def _describe(self, description: Description, *, number: int = 0) -> Service:
        if description is WITNESS:
            settings = self._witness_settings()
        else:
            settings = environment(
                description,
                addresses=self._addresses,
                folders=self.folders,
                vault=self.vault,
                database_url=database_url(self.postgresql.address, description, self.vault),
            )
        port = self._addresses.ports.get(description.name, 0) if number == 0 else 0
        name = "witness" if description is WITNESS else description.name
        name = f"{name}-{number}" if number else name
        settings |= {
            f"{description.prefix}PORT": str(port or free_port()),
            f"{description.prefix}KAFKA_BOOTSTRAP": self.kafka.address,
            f"{description.prefix}INSTANCE": str(number),
        }
        if description.database == "router":
            # Nobody writes to us here, so there is no mail channel; care's mails leave if there is a mail server.
            settings = {key: value for key, value in settings.items() if not key.startswith("ROUTER_MAIL_")}
            settings |= _ROUTER | self._sending()
        if description.database == "care" and self.mail is not None:
            settings["CARE_TIME_ZONE"] = self.zone
        service = Service(
            description,
            port=int(settings[f"{description.prefix}PORT"]),
            environment=settings | {"PYTHONPATH": str(paths.CHECKOUT)},
            folder=self.folders.data / "services" / name,
            log=self.folders.log(name),
        )
        service.name = name
        self._plain[name] = service.environment
        return service

    def _sending(self) -> dict[str, str]:
        if self.mail is None:
            return {}
        return {
            "ROUTER_MAIL_SMTP_HOST": LOOPBACK,
            "ROUTER_MAIL_SMTP_PORT": str(self.mail.smtp_port),
            "ROUTER_MAIL_ADDRESS": MAILBOX,
            "ROUTER_DELIVERY_LEASE_SECONDS": str(DELIVERY_LEASE_SECONDS),
        }

    def _witness_settings(self) -> dict[str, str]:
        return {
            "WITNESS_DATABASE_URL": self.database(WITNESS.database),
            "WITNESS_TOKEN_ISSUER": f"{self._addresses.public_url}/api/directory",
            "WITNESS_TOKEN_JWKS_URL": f"{self._addresses.service_url('directory')}/.well-known/jwks.json",
        }


def _migrate(service: Service) -> None:
    job = service.migration()
    job.start(service.command("migrate"), environment=service.process_environment())
    if job.wait() != 0:
        raise PartError(f"{job.name} failed. It said:\n{job.last_lines(20)}")


def _all(pool: ThreadPoolExecutor, steps: Sequence[Callable[[], None]]) -> None:
    """Run steps side by side, wait for all, then raise the first error."""
    futures = [pool.submit(step) for step in steps]
    errors = [error for future in futures if (error := future.exception())]
    if errors:
        raise errors[0]


async def _create_database(server: str, name: str) -> None:
    connection = await asyncpg.connect(f"{server}/postgres")
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
