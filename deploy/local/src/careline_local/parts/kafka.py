"""Apache Kafka 4.1 as one KRaft node."""

import base64
import hashlib
import subprocess
import uuid
from pathlib import Path
from typing import Final

from careline_local import paths
from careline_local.parts import jars, java, ports, probes
from careline_local.parts.base import PartError
from careline_local.parts.processes import ProcessPart, ServerProcess, tail

START_SECONDS: Final = 60
# The first clean stop after an update writes the cache of compiled classes, which takes 6 to 12 s.
STOP_SECONDS: Final = 60
_OPTIONS: Final = ("-Xmx256m", *java.SMALL_JVM, "--sun-misc-unsafe-memory-access=allow")
_LOGGING: Final = Path(__file__).with_name("kafka-log4j2.properties")

# Small segments of offsets are compacted soon. After a kill the broker reads them all, twice when its first reading
# takes longer than the election of leaders; Kafka 4.1 then may lose its way, and the groups of that partition with it.
_SETTINGS: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={log_folder}
num.partitions=4
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
offsets.topic.segment.bytes=1048576
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=8388608
log.segment.bytes=67108864
metadata.max.idle.interval.ms=5000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
"""


class Kafka(ProcessPart):
    """One Kafka broker whose log lies in `folder`."""

    name = "Kafka"

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        controller_port: int | None = None,
        log: Path | None = None,
    ) -> None:
        """Choose ports where none are given; nothing is written before `start`."""
        self.folder = folder
        self.port = port or ports.free_port()
        self._controller_port = controller_port or ports.free_port()
        self._log_folder = folder / "log"
        self._server_settings = folder / "server.properties"
        self.process = ServerProcess(self.name, folder, log=log)
        self._training: Path | None = None

    @property
    def address(self) -> str:
        """Bootstrap address."""
        return f"{ports.LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Format the log once, then start and wait until the broker answers for its cluster."""
        if self.process.pid is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self._server_settings.write_text(
            _SETTINGS.format(port=self.port, controller_port=self._controller_port, log_folder=self._log_folder)
        )
        class_path = jars.class_path("kafka")
        if not (self._log_folder / "meta.properties").exists():
            self._format(class_path)
        self.process.start(
            [
                java.java(),
                *_OPTIONS,
                *self._compiled_classes(),
                "-cp",
                class_path,
                *self._logging(),
                "kafka.Kafka",
                self._server_settings,
            ]
        )
        self._wait_until_ready(START_SECONDS)

    def ready(self) -> bool:
        """Whether the broker answers a request for metadata with at least itself."""
        return probes.kafka_answers(self.port)

    def stop(self) -> None:
        """End it in good order and keep the compiled classes of a first run."""
        self.process.stop(seconds=STOP_SECONDS)
        if self._training and self._training.exists():
            self._training.rename(_class_cache())
        self._training = None

    def explain(self) -> str:
        """Kafka says why it ended only in its own log."""
        lines = tail(self.folder / "kafka.log", 300).splitlines()
        told = [line for line in lines if " ERROR " in line or line.startswith(("Caused by: ", "java.", "org.apache."))]
        return "\n".join(told[-4:]) or super().explain()

    def _compiled_classes(self) -> list[str]:
        """Use the ahead-of-time cache (start in 0.9 s instead of 2.3 s), or let this run write it."""
        cache = _class_cache()
        quiet = ["-Xlog:disable", "-Xlog:all=error:stderr"]
        if cache.exists():
            return [f"-XX:AOTCache={cache}", *quiet]
        cache.parent.mkdir(parents=True, exist_ok=True)
        self._training = cache.with_suffix(f".{uuid.uuid4().hex}.part")
        return [f"-XX:AOTCacheOutput={self._training}", *quiet]

    def _logging(self) -> list[str]:
        return [f"-Dkafka.logs.dir={self.folder}", f"-Dlog4j2.configurationFile={_LOGGING}"]

    def _format(self, class_path: str) -> None:
        # The first byte is zero because an id that begins with a hyphen would be read as an option.
        cluster_id = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:]).decode().rstrip("=")
        output = self.folder / "format.log"
        with output.open("wb") as log:
            done = subprocess.run(
                [
                    java.java(),
                    "-Xmx128m",
                    *java.SMALL_JVM,
                    *("-cp", class_path, *self._logging(), "kafka.tools.StorageTool", "format"),
                    *("-t", cluster_id, "-c", str(self._server_settings), "--ignore-formatted"),
                ],
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        if done.returncode != 0:
            raise PartError(f"Kafka could not format its log folder {self._log_folder}:\n{tail(output, 5)}")


def _class_cache() -> Path:
    """One cache per set of archives, Java and options: a foreign one would only be refused at start."""
    key = hashlib.sha256("\n".join([jars.LOCK.read_text(), java.java_version(), str(paths.JARS), *_OPTIONS]).encode())
    return paths.CACHE / f"kafka-{key.hexdigest()[:16]}.aot"
