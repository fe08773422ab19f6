"""The commands of `python -m careline_local`; a fault that has a sentence is shown as that sentence."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final

from careline_local.parts.base import PartError

# Modules with a function `main(arguments) -> exit code`; only the chosen one is imported.
COMMANDS: Final = {
    "test-parts": ("careline_local.testing.command", "-- COMMAND: run it with PostgreSQL and Kafka for tests"),
    "lock-jars": ("careline_local.parts.jars", "resolve the Java archives anew and write jars.lock"),
}


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    if not arguments or arguments[0] not in COMMANDS:
        print("python -m careline_local COMMAND, where COMMAND is one of\n", file=sys.stderr)
        print("\n".join(f"  {name:12} {text}" for name, (_, text) in COMMANDS.items()), file=sys.stderr)
        return 2
    module, _ = COMMANDS[arguments[0]]
    try:
        return int(import_module(module).main(arguments[1:]))
    except PartError as fault:
        print(f"\n{fault}", file=sys.stderr)
        return 1
