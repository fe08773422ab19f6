"""The gateway as a part of the system."""

import os
import socket
import sys
from pathlib import Path

from careline_local.parts.ports import LOOPBACK
from careline_local.parts.processes import ProcessPart, ServerProcess
from careline_local.system.addresses import Addresses
from careline_local.system.services import SERVICES

START_SECONDS = 20


class GatewayProcess(ProcessPart):
    """The process that listens where people look."""

    name = "gateway"

    def __init__(self, addresses: Addresses, *, page: Path | None, folder: Path, log: Path) -> None:
        """`page` is the folder of the built page; without one only the services are shown."""
        self._addresses = addresses
        self._page = page
        self.process = ServerProcess(self.name, folder, log=log)

    @property
    def address(self) -> str:
        """URL of the page."""
        return self._addresses.public_url

    def start(self) -> None:
        """Start and wait until it accepts connections."""
        if self.process.pid is not None:
            return
        upstreams = [f"{each.database}={each.name}:{self._addresses[each.name]}" for each in SERVICES]
        port = str(self._addresses["gateway"])
        page = ["--page", str(self._page)] if self._page else []
        self.process.start(
            [sys.executable, "-m", "careline_local.gateway", "--port", port, *page, *upstreams],
            environment=dict(os.environ),
        )
        self._wait_until_ready(START_SECONDS)

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            with socket.create_connection((LOOPBACK, self._addresses["gateway"]), timeout=2) as connection:
                connection.sendall(b"HEAD /favicon.svg HTTP/1.1\r\nHost: local\r\nConnection: close\r\n\r\n")
                return connection.recv(12).startswith(b"HTTP/1.1")
        except OSError:
            return False

    def stop(self) -> None:
        """Let requests end that are under way."""
        self.process.stop(seconds=10)
