"""GreenMail: a real SMTP and IMAP server that keeps its mail in memory only."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from careline_local.parts import jars, java, ports, probes
from careline_local.parts.processes import ProcessPart, ServerProcess

START_SECONDS: Final = 30


class GreenMail(ProcessPart):
    """One mail server; a restart finds it empty, with a new UIDVALIDITY.

    It takes mail without a password and makes a mailbox for any address that it is sent to, whose password
    is the address. `mailboxes` are addresses with passwords of their own.
    """

    name = "GreenMail"

    def __init__(
        self,
        folder: Path,
        *,
        mailboxes: Mapping[str, str],
        smtp_port: int | None = None,
        imap_port: int | None = None,
        heap_mb: int = 64,
        log: Path | None = None,
    ) -> None:
        """Choose ports where none are given; `heap_mb` holds all mail that is ever sent to it."""
        self.smtp_port = smtp_port or ports.free_port()
        self.imap_port = imap_port or ports.free_port()
        self.mailboxes = dict(mailboxes)
        self._heap_mb = heap_mb
        self.process = ServerProcess(self.name, folder, log=log)

    @property
    def address(self) -> str:
        """Where SMTP listens; IMAP is at `imap_port` of the same host."""
        return f"{ports.LOOPBACK}:{self.smtp_port}"

    def start(self) -> None:
        """Start and wait until SMTP and IMAP greet."""
        if self.process.pid is not None:
            return
        users = ",".join(
            f"{address.split('@')[0]}:{password}@{address.split('@')[1]}"
            for address, password in self.mailboxes.items()
        )
        settings = {
            "smtp.port": self.smtp_port,
            "smtp.hostname": ports.LOOPBACK,
            "imap.port": self.imap_port,
            "imap.hostname": ports.LOOPBACK,
            "users": users,
            "users.login": "email",
        }
        # In a file that only we may read: a command line, and the passwords in it, is for all to see.
        options = self.process.folder / "options"
        options.parent.mkdir(parents=True, exist_ok=True)
        options.touch(mode=0o600)
        options.write_text("".join(f"-Dgreenmail.{name}={value}\n" for name, value in settings.items()))
        archive = jars.class_path("greenmail")
        self.process.start([java.java(), f"-Xmx{self._heap_mb}m", *java.SMALL_JVM, f"@{options}", "-jar", archive])
        self._wait_until_ready(START_SECONDS)

    def ready(self) -> bool:
        """Whether both protocols greet."""
        return probes.mail_greets(self.smtp_port, self.imap_port)
