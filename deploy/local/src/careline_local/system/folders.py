"""Where one running system keeps what is its own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """Data, logs and secrets below one root; installed tools are shared by all systems of a checkout."""

    root: Path

    @property
    def data(self) -> Path:
        """What must survive: the cluster of PostgreSQL, the log of Kafka, stored objects."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """What the processes print."""
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys, readable by their owner only."""
        return self.root / "secrets"

    def objects(self, service: str) -> Path:
        """Files that a service stores."""
        folder = self.data / "objects" / service
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name.lower()}.log"
