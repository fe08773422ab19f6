"""Java archives from Maven Central, pinned by `jars.lock`: lines of `set group:artifact:version sha256`.

jgo only resolves and downloads here. Its own lock file holds checksums but never verifies them, and its
environments look different from one machine to the next; so the lock is ours and every archive is checked.
"""

import hashlib
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jgo.maven import MavenContext

from careline_local import paths
from careline_local.parts.base import PartError

LOCK: Final = paths.CHECKOUT / "jars.lock"
DOWNLOADS_AT_ONCE: Final = 8
_TIMEOUT_SECONDS: Final = 60

# Roots are resolved one at a time and the first to name an artifact wins: resolved together, the version
# rules of all are merged and Kafka would get older libraries than it was released with.
ROOTS: Final = {
    # Kafka's own list lacks a binding from SLF4J to the Log4j that it brings; without one it logs nothing.
    "kafka": ["org.apache.kafka:kafka_2.13:4.1.2", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3"],
    # The console programs, for people who look into topics and for tests that read events as strangers would.
    "kafka-tools": ["org.apache.kafka:kafka-tools:4.1.2", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.3"],
    "greenmail": ["com.icegreen:greenmail-standalone:2.1.13"],
}


@dataclass(frozen=True)
class Jar:
    """One line of the lock."""

    group_name: str
    coordinates: str
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is installed."""
        _, artifact, version = self.coordinates.split(":")
        return paths.JARS / self.group_name / f"{artifact}-{version}.jar"


def locked(group_name: str | None = None) -> list[Jar]:
    """Lines of the lock, in its order; of one set or of all."""
    jars = [Jar(*line.split()) for line in LOCK.read_text().splitlines()]
    return [jar for jar in jars if group_name in {None, jar.group_name}]


def class_path(group_name: str) -> str:
    """Class path of one set; fetches what is missing."""
    fetch(group_name)
    return os.pathsep.join(str(jar.path) for jar in locked(group_name))


def fetch(group_name: str | None = None) -> int:
    """Install the archives that are missing; return how many were."""
    missing = [jar for jar in locked(group_name) if not jar.path.exists()]
    if missing:
        context = MavenContext(timeout=_TIMEOUT_SECONDS, repo_cache=paths.CACHE / "maven")
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            # One that is in two sets is downloaded once: two downloads into one cache spoil each other.
            once = {jar.coordinates: jar for jar in missing}.values()
            list(pool.map(lambda jar: _install(context, jar), once))
        for jar in missing:
            if not jar.path.exists():
                _install(context, jar)
    return len(missing)


def _install(context: Any, jar: Jar) -> None:
    group, artifact, version = jar.coordinates.split(":")
    try:
        downloaded = Path(context.project(group, artifact).at_version(version).artifact().resolve())
    except Exception as fault:
        raise PartError(f"{jar.coordinates} could not be fetched from Maven Central: {fault}") from fault
    found = _sha256(downloaded)
    if found != jar.sha256:
        downloaded.unlink()
        raise PartError(f"{jar.coordinates} has sha256 {found}, but jars.lock says {jar.sha256}.")
    jar.path.parent.mkdir(parents=True, exist_ok=True)
    # Linked under a name of this process first, so that what bears the final name is always whole.
    part = jar.path.with_suffix(f".{os.getpid()}.part")
    part.unlink(missing_ok=True)
    os.link(downloaded, part)
    part.replace(jar.path)


def main(arguments: Sequence[str]) -> int:
    """Install the missing archives of the named set."""
    for group_name in arguments:
        fetch(group_name)
    return 0


def lock(arguments: Sequence[str]) -> int:
    """Resolve the roots anew and write `jars.lock`."""
    del arguments
    context = MavenContext(timeout=_TIMEOUT_SECONDS, repo_cache=paths.CACHE / "maven")
    lines = [line for group_name, roots in ROOTS.items() for line in _resolve(context, group_name, roots)]
    LOCK.write_text("\n".join(lines) + "\n")
    return 0


def _resolve(context: Any, group_name: str, roots: Iterable[str]) -> list[str]:
    found: dict[tuple[str, str], Any] = {}
    for root in roots:
        direct, transitive = context.resolver.resolve([context.create_dependency(root)])
        needed = [*direct, *(each for each in transitive if each.scope in {"compile", "runtime"})]
        for artifact in (each.artifact for each in needed):
            found.setdefault((artifact.groupId, artifact.artifactId), artifact)
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        files = pool.map(lambda artifact: Path(artifact.resolve()), found.values())
        return sorted(
            f"{group_name} {artifact.groupId}:{artifact.artifactId}:{artifact.version} {_sha256(file)}"
            for artifact, file in zip(found.values(), files, strict=True)
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
