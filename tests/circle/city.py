"""The city as a process of its own, as `make demo` is: plays for so many seconds, then says what happened, as JSON.

Usage: python -m tests.circle.city FOLDER SECONDS, with the ports of the system in the environment.
"""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from careline_local.city import callers
from careline_local.city.pace import Pace
from careline_local.city.play import City, _play_for
from careline_local.system.addresses import Addresses
from careline_local.system.folders import Folders

SPEED = 60
PER_MINUTE = 90


def main(folder: str, seconds: str) -> None:
    """Play, and note every refusal, whoever took it calmly."""
    refused: list[tuple[int, str]] = []
    begin = callers.RefusedError.__init__

    def noted(self: callers.RefusedError, answer: Any) -> None:
        begin(self, answer)
        refused.append((self.status, str(self)))

    callers.RefusedError.__init__ = noted  # type: ignore[method-assign]
    pace = Pace(SPEED, PER_MINUTE, random.Random(5))
    asyncio.run(_play_for(City(Folders(Path(folder)), Addresses.from_environment(), pace), float(seconds)))
    sys.stdout.write(f"\n{json.dumps({'done': pace.done, 'refused': refused})}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
