"""The commands of `python -m careline_local`; a fault that has a sentence is shown as that sentence."""

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from careline_local import paths
from careline_local.parts.base import PartError

# Functions (arguments) -> exit code; only the module of the chosen one is imported.
COMMANDS: Final = {
    "up": ("careline_local.system.launcher:main", "start everything; Ctrl-C stops it"),
    "city": ("careline_local.city.play:main", "let a small city live against the running system"),
    "status": ("careline_local.system.status:main", "what runs, and how much memory it takes"),
    "chromium": ("careline_local.chromium:main", "install the browser of the tests"),
    "fonts": ("careline_local.fonts:main", "install the font of printed cards"),
    "page": ("careline_local.page:main", "build | check | npm …: the page"),
    "compose-env": ("careline_local.system.compose:main", "write the secrets that docker-compose.yml asks for"),
    "documents": ("careline_local.documents:main", "write what the services print about their interfaces to docs/"),
    "test-parts": ("careline_local.testing.command:main", "-- COMMAND: run it with PostgreSQL and Kafka for tests"),
    "fetch-jars": ("careline_local.parts.jars:main", "SET …: install Java archives"),
    "lock-jars": ("careline_local.parts.jars:lock", "resolve the Java archives anew and write jars.lock"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        print("python -m careline_local COMMAND, where COMMAND is one of\n", file=sys.stderr)
        print("\n".join(f"  {name:12} {text}" for name, (_, text) in COMMANDS.items()), file=sys.stderr)
        return 2
    module, _, function = COMMANDS[arguments[0]][0].partition(":")
    try:
        return int(getattr(import_module(module), function)(arguments[1:]))
    except PartError as fault:
        print(f"\n{fault}", file=sys.stderr)
    except OSError as fault:
        if fault.errno != errno.ENOSPC:
            raise
        print(f"\nThe disk that holds {paths.STATE} is full: make room and start again.", file=sys.stderr)
    return 1
