"""The interfaces of the services as documents: `documents` writes them to docs/, a test sees that they are current."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from careline_local import paths
from careline_local.parts.base import PartError
from careline_local.system.addresses import DEFAULT_PORTS, Addresses
from careline_local.system.folders import Folders
from careline_local.system.services import SERVICES, Description, environment
from careline_local.system.vault import Vault

KINDS: Final = ("asyncapi", "openapi")


def main(arguments: Sequence[str]) -> int:
    """Write all documents."""
    del arguments
    for service in SERVICES:
        for kind in KINDS:
            path = document_path(service, kind)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_printed(service, kind))
    print(f"Wrote {len(SERVICES) * len(KINDS)} documents below {paths.CHECKOUT / 'docs'}.")
    return 0


def document_path(service: Description, kind: str) -> Path:
    """Where a document is kept."""
    return paths.CHECKOUT / "docs" / kind / f"{service.name}.json"


def settings_for(service: Description, folder: Path) -> dict[str, str]:
    """The settings with which a service describes itself, those of `make run`; their secrets are kept in `folder`."""
    folders = Folders(folder)
    return environment(
        service,
        addresses=Addresses(DEFAULT_PORTS),
        folders=folders,
        vault=Vault(folders.secrets),
        database_url="postgresql://nobody@127.0.0.1/none",
    )


def _printed(service: Description, kind: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", service.package, kind],
            check=False,
            env={**os.environ, **settings_for(service, Path(folder))},
            capture_output=True,
            text=True,
        )
    if done.returncode != 0:
        raise PartError(f"{service.name} does not print its {kind} document. It said:\n{done.stderr[-1500:]}")
    return done.stdout
