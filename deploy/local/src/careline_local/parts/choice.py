"""Which implementation of the parts serves the tests: official images where Docker answers, else embedded."""

import os
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from careline_local.parts.base import MailServer, Part, PartError
from careline_local.parts.greenmail import GreenMail
from careline_local.parts.kafka import Kafka
from careline_local.parts.postgresql import PostgreSQL

VARIABLE: Final = "CARELINE_PARTS"
_DOCKER_SOCKET: Final = Path("/var/run/docker.sock")


@cache
def in_containers() -> bool:
    """Whether a Docker daemon answers, unless CARELINE_PARTS says `embedded` or `containers`."""
    wanted = os.environ.get(VARIABLE, "auto")
    if wanted not in {"auto", "embedded", "containers"}:
        raise PartError(f"{VARIABLE} must be auto, embedded or containers, not {wanted!r}.")
    if wanted != "auto":
        return wanted == "containers"
    return (_DOCKER_SOCKET.exists() or "DOCKER_HOST" in os.environ) and _containers().daemon_answers()


def postgresql(folder: Path) -> Part:
    """A PostgreSQL for tests, which may lose data when the machine does."""
    return _containers().PostgreSQL() if in_containers() else PostgreSQL(folder, durable=False)


def kafka(folder: Path) -> Part:
    """A Kafka broker for tests."""
    return _containers().Kafka() if in_containers() else Kafka(folder)


def greenmail(folder: Path, *, mailboxes: Mapping[str, str]) -> MailServer:
    """A mail server for tests."""
    return _containers().GreenMail(mailboxes=mailboxes) if in_containers() else GreenMail(folder, mailboxes=mailboxes)


def _containers() -> Any:
    # Imported late: the Docker client costs every test run without Docker half a second.
    return import_module("careline_local.parts.containers")
