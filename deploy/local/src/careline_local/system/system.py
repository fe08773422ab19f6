"""Starts the parts, the services and the gateway in their order, and stops them in the reverse."""

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from careline_local import page
from careline_local.parts.base import Part, PartError
from careline_local.parts.greenmail import GreenMail
from careline_local.parts.kafka import Kafka
from careline_local.parts.postgresql import PostgreSQL
from careline_local.parts.processes import ProcessPart, ServerProcess
from careline_local.system.addresses import Addresses
from careline_local.system.databases import create_databases, database_url
from careline_local.system.folders import Folders
from careline_local.system.gateway import GatewayProcess
from careline_local.system.progress import Progress
from careline_local.system.services import MAILBOX, SERVICES, Description, Service, environment
from careline_local.system.vault import Vault


class System:
    """All of Careline in one folder.

    Usage::

        system = System(Folders(path), Addresses.free())
        system.start()
        system.service("interaction-router").kill()
        system.stop()
    """

    def __init__(
        self, folders: Folders, addresses: Addresses, *, progress: Progress | None = None, with_page: bool = True
    ) -> None:
        """Describe everything; nothing is started yet. Without the page, `/api/` is all there is."""
        self.folders = folders
        self.addresses = addresses
        self.vault = Vault(folders.secrets)
        self.progress = progress or Progress(lambda _: None)
        self.postgresql = PostgreSQL(
            folders.data / "postgresql", port=addresses["postgresql"], log=folders.log("postgresql")
        )
        self.kafka = Kafka(
            folders.data / "kafka",
            port=addresses["kafka"],
            controller_port=addresses["kafka-controller"],
            log=folders.log("kafka"),
        )
        self.greenmail = GreenMail(
            folders.data / "greenmail",
            mailboxes={MAILBOX: self.vault.password(f"mailbox {MAILBOX}")},
            smtp_port=addresses["smtp"],
            imap_port=addresses["imap"],
            log=folders.log("greenmail"),
        )
        self.gateway = GatewayProcess(
            addresses,
            page=page.DIST if with_page else None,
            folder=folders.data / "gateway",
            log=folders.log("gateway"),
        )
        self.services: list[Service] = []
        self._with_page = with_page
        self._jobs: list[ServerProcess] = []
        self._stopping = threading.Event()

    @property
    def parts(self) -> list[ProcessPart]:
        """Everything that runs, in the order of starting."""
        return [self.postgresql, self.kafka, self.greenmail, *self.services, self.gateway]

    def service(self, name: str) -> Service:
        """A service by its name."""
        return next(service for service in self.services if service.name == name)

    def start(self) -> None:
        """Start everything; after an error what had started still runs and `stop` ends it."""
        with ThreadPoolExecutor() as pool:
            building = pool.submit(self._build_page)
            fetching = pool.submit(self._fetch_fonts)
            java = [partial(self._start_java, self.kafka), partial(self._start_java, self.greenmail)]
            self._together(pool, [self._start_postgresql, *java])
            self.services = [self._describe(description) for description in SERVICES]
            with self.progress.step("Services: databases and topics are up to date"):
                self._together(pool, [partial(self._migrate, each) for each in self.services])
            self._together(pool, [partial(self._start, each) for each in self.services])
            building.result()
            fetching.result()
        self._start(self.gateway)

    def stop(self) -> None:
        """Stop everything in the reverse order, so that nobody loses what he stands on."""
        self._stopping.set()
        for job in self._jobs:
            job.kill()
        self._stop_one(self.gateway)
        with ThreadPoolExecutor() as pool:
            list(pool.map(self._stop_one, self.services))
            list(pool.map(self._stop_one, [self.greenmail, self.kafka]))
        self._stop_one(self.postgresql)

    def _describe(self, description: Description) -> Service:
        settings = environment(
            description,
            addresses=self.addresses,
            folders=self.folders,
            vault=self.vault,
            database_url=database_url(self.postgresql.address, description, self.vault),
        )
        port = self.addresses[description.name]
        settings |= {f"{description.prefix}PORT": str(port), f"{description.prefix}INSTANCE": "0"}
        return Service(
            description,
            port=port,
            environment=settings,
            folder=self.folders.data / "services" / description.name,
            log=self.folders.log(description.name),
        )

    def _start_postgresql(self) -> None:
        self._start(self.postgresql)
        create_databases(self.postgresql.address, self.vault)

    def _start_java(self, part: Part) -> None:
        fetching = ServerProcess("jars", self.folders.data / part.name.lower() / "fetch", log=self.folders.log("jars"))
        self._run_job(fetching, [sys.executable, "-m", "careline_local", "fetch-jars", part.name.lower()])
        self._start(part)

    def _build_page(self) -> None:
        if not self._with_page:
            return
        building = ServerProcess("page", self.folders.data / "page", log=self.folders.log("page"))
        with self.progress.step("The page is built"):
            self._run_job(building, [sys.executable, "-m", "careline_local", "page", "build"])

    def _fetch_fonts(self) -> None:
        """Only printed cards need it, so nothing waits for it but the end of the start."""
        if self._with_page:
            fetching = ServerProcess("fonts", self.folders.data / "fonts", log=self.folders.log("fonts"))
            self._run_job(fetching, [sys.executable, "-m", "careline_local", "fonts"])

    def _migrate(self, service: Service) -> None:
        self._run_job(service.migration(), service.command("migrate"), service.process_environment())

    def _start(self, part: Part) -> None:
        self._go_on()
        with self.progress.step(f"{part.name} is up"):
            part.start()

    def _run_job(self, job: ServerProcess, command: Sequence[str], settings: dict[str, str] | None = None) -> None:
        """Run a process to its end; `stop` ends it early."""
        self._go_on()
        before = job.log.stat().st_size if job.log.exists() else 0
        self._jobs.append(job)
        job.start(command, environment=settings)
        code = job.wait()
        self._go_on()
        if code != 0:
            said = job.log.read_bytes()[before:].decode(errors="replace").strip()
            raise PartError(f"{job.name} failed. It said:\n{said[-1500:]}")

    def _go_on(self) -> None:
        if self._stopping.is_set():
            raise PartError("The start was broken off.")

    def _stop_one(self, part: ProcessPart) -> None:
        if part.process.pid is None:
            return
        with self.progress.step(f"{part.name} has stopped"):
            part.stop()

    @staticmethod
    def _together(pool: ThreadPoolExecutor, steps: Iterable[Callable[[], None]]) -> None:
        """Run steps side by side; wait for all, then raise the first error."""
        futures = [pool.submit(step) for step in steps]
        errors = [error for future in futures if (error := future.exception())]
        if errors:
            raise errors[0]
