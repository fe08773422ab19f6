"""Who listens where: fixed ports for `make run`, each changed by its variable, and free ones for tests."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import psutil

from careline_local.parts.base import PartError
from careline_local.parts.ports import LOOPBACK, free_port, is_free

MAX_PORT: Final = 65535

DEFAULT_PORTS: Final = {
    "gateway": 8080,
    "customer-profile": 18081,
    "interaction-router": 18082,
    "care-scheduler": 18083,
    "feedback": 18084,
    "directory": 18085,
    "postgresql": 18432,
    "kafka": 18092,
    "kafka-controller": 18093,
    "smtp": 18025,
    "imap": 18143,
}


def variable(name: str) -> str:
    """The environment variable that moves a port: CARELINE_PORT for the page, CARELINE_KAFKA_PORT and so on."""
    middle = "" if name == "gateway" else f"{name.upper().replace('-', '_')}_"
    return f"CARELINE_{middle}PORT"


@dataclass(frozen=True)
class Addresses:
    """The ports of one system, by name."""

    ports: Mapping[str, int]

    @classmethod
    def from_environment(cls) -> "Addresses":
        """The usual ports, unless variables say otherwise."""
        return cls({name: _wanted(name, default) for name, default in DEFAULT_PORTS.items()})

    @classmethod
    def free(cls) -> "Addresses":
        """Ports that nobody listens on, for tests."""
        return cls({name: free_port() for name in DEFAULT_PORTS})

    def __getitem__(self, name: str) -> int:
        """Port by name."""
        return self.ports[name]

    @property
    def public_url(self) -> str:
        """Where people and partners find Careline."""
        return f"http://{LOOPBACK}:{self['gateway']}"

    def service_url(self, service: str) -> str:
        """Where the other services find one."""
        return f"http://{LOOPBACK}:{self[service]}"

    def check(self) -> None:
        """Refuse to start while somebody else listens on one of the ports; name it and its variable."""
        taken = [name for name, port in self.ports.items() if not is_free(port)]
        if not taken:
            return
        port = self[taken[0]]
        raise PartError(
            f"Port {port}, which is meant for {taken[0]}, is taken{_by_whom(port)}: "
            f"stop that program, or set {variable(taken[0])} to a free port."
        )


def _wanted(name: str, default: int) -> int:
    text = os.environ.get(variable(name), str(default))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_PORT:
        raise PartError(f"{variable(name)} must be a port number from 1 to {MAX_PORT}, not {text!r}.")
    return int(text)


def _by_whom(port: int) -> str:
    """The owner of a port, where this user may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,)
            if listens and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return ""
