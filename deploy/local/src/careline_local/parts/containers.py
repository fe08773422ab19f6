"""The same parts on official images, for machines where a Docker daemon answers.

The machine on which this was written has none, so this module was type-checked and read against the images'
documentation, but never run. `CARELINE_PARTS=embedded` chooses the other implementation everywhere.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Final

import docker
from docker.errors import DockerException
from testcontainers.core.container import DockerContainer

from careline_local.parts import ports, probes
from careline_local.parts.base import PartError, wait_until

POSTGRESQL_IMAGE: Final = "postgres:18.4"
KAFKA_IMAGE: Final = "apache/kafka:4.1.2"
GREENMAIL_IMAGE: Final = "greenmail/standalone:2.1.13"
START_SECONDS: Final = 120


def daemon_answers() -> bool:
    """Whether a Docker daemon answers on the address that the environment names."""
    try:
        return bool(docker.from_env(timeout=5).ping())
    except DockerException:
        return False


class ContainerPart:
    """One container on ports of its own choice, so that a restart finds it at the same address."""

    name: str

    def __init__(self, container: DockerContainer, answers: Callable[[], bool]) -> None:
        """Take a container that is described but not started."""
        self._container = container
        self._answers = answers
        self._created = False

    def start(self) -> None:
        """Create it the first time; later start the same container again, which keeps its files."""
        if self._created:
            self._docker().start()
        else:
            self._container.start()
            self._created = True
        if not wait_until(self._answers, seconds=START_SECONDS, interval_seconds=0.1):
            raise PartError(f"{self.name} did not answer within {START_SECONDS} s in its container.")

    def ready(self) -> bool:
        """Whether it answers now."""
        return self._created and self._answers()

    def kill(self) -> None:
        """SIGKILL to every process in it."""
        self._docker().kill()
        self._docker().wait()

    def freeze(self) -> None:
        """Halt every process in it."""
        self._docker().pause()

    def thaw(self) -> None:
        """Let it go on."""
        self._docker().unpause()

    def stop(self) -> None:
        """End it in good order; the container stays until the process that made it ends."""
        if self._created:
            self._docker().stop(timeout=30)

    def _docker(self) -> Any:
        return self._container.get_wrapped_container()


class PostgreSQL(ContainerPart):
    """PostgreSQL with the settings of a test instance."""

    name = "PostgreSQL"

    def __init__(self) -> None:
        """Choose a port and a password."""
        self._password = secrets.token_urlsafe(24)
        self._port = ports.free_port()
        container = (
            DockerContainer(POSTGRESQL_IMAGE)
            .with_env("POSTGRES_PASSWORD", self._password)
            .with_env("POSTGRES_INITDB_ARGS", "--locale=C.UTF-8 --encoding=UTF8")
            .with_command("postgres -c fsync=off -c full_page_writes=off -c max_connections=200")
            .with_bind_ports(5432, self._port)
        )
        super().__init__(container, lambda: probes.postgresql_answers(self._port))

    @property
    def address(self) -> str:
        """URL of the superuser without a database."""
        return f"postgresql://postgres:{self._password}@{ports.LOOPBACK}:{self._port}"


class Kafka(ContainerPart):
    """One KRaft node."""

    name = "Kafka"

    def __init__(self) -> None:
        """Advertise the port of this machine, which is what clients are told to connect to."""
        self._port = ports.free_port()
        container = DockerContainer(KAFKA_IMAGE).with_bind_ports(9092, self._port)
        settings = {
            "NODE_ID": "1",
            "PROCESS_ROLES": "broker,controller",
            "LISTENERS": "PLAINTEXT://:9092,CONTROLLER://:9093",
            "ADVERTISED_LISTENERS": f"PLAINTEXT://{ports.LOOPBACK}:{self._port}",
            "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
            "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
            "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
            "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
            "TRANSACTION_STATE_LOG_MIN_ISR": "1",
            "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
            "AUTO_CREATE_TOPICS_ENABLE": "false",
        }
        for name, value in settings.items():
            container.with_env(f"KAFKA_{name}", value)
        super().__init__(container, lambda: probes.kafka_answers(self._port))

    @property
    def address(self) -> str:
        """Bootstrap address."""
        return f"{ports.LOOPBACK}:{self._port}"


class GreenMail(ContainerPart):
    """A mail server in memory."""

    name = "GreenMail"

    def __init__(self, *, mailboxes: Mapping[str, str]) -> None:
        """Mailboxes are addresses with their passwords."""
        self.mailboxes = dict(mailboxes)
        self.smtp_port = ports.free_port()
        self.imap_port = ports.free_port()
        users = ",".join(
            f"{address.split('@')[0]}:{password}@{address.split('@')[1]}" for address, password in mailboxes.items()
        )
        options = (
            "-Dgreenmail.setup.test.smtp -Dgreenmail.setup.test.imap -Dgreenmail.hostname=0.0.0.0 "
            f"-Dgreenmail.users={users} -Dgreenmail.users.login=email"
        )
        container = (
            DockerContainer(GREENMAIL_IMAGE)
            .with_env("GREENMAIL_OPTS", options)
            .with_bind_ports(3025, self.smtp_port)
            .with_bind_ports(3143, self.imap_port)
        )
        super().__init__(container, lambda: probes.mail_greets(self.smtp_port, self.imap_port))

    @property
    def address(self) -> str:
        """Where SMTP listens."""
        return f"{ports.LOOPBACK}:{self.smtp_port}"
