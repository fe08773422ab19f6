"""`python -m tests.faults [--short] [--only TEXT]`: the matrix of faults, and a table of what they did."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop

from careline_local.testing.servers import run_folder
from tests.faults.load import Rates
from tests.faults.matrix import MATRIX, SHORT, Run
from tests.faults.report import head, lines
from tests.faults.run import Pace, trial
from tests.faults.watchdog import watchdog

MATRIX_SECONDS = 40 * 60.0
SHORT_SECONDS = 420.0
SHORT_PACE = Pace(
    Rates(purchases=8, interactions=2, people=0.5, complaints=1, birthdays=0.5),
    before_seconds=1,
    after_seconds=1,
    settle_seconds=120,
    timed=False,
)


def main() -> int:
    """Exit code 0 if every run was green."""
    parser = argparse.ArgumentParser(prog="tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="one history over seven faults, about a minute")
    parser.add_argument("--only", default="", metavar="TEXT", help="the faults whose names hold this")
    wanted = parser.parse_args()
    runs = SHORT if wanted.short else _chosen(wanted.only)
    if not runs:
        sys.exit(f"No fault has {wanted.only!r} in its name.")
    with run_folder() as folder, watchdog(SHORT_SECONDS if wanted.short else MATRIX_SECONDS, folder):
        if wanted.short:
            return uvloop.run(_run(folder, runs, SHORT_PACE))
        return uvloop.run(_run(folder, runs, Pace()))


def _chosen(text: str) -> list[Run]:
    """The runs of the matrix, of each only the faults whose names hold `text`."""
    return [chosen for run in MATRIX if (chosen := [each for each in run if text in each.name])]


async def _run(folder: Path, runs: Sequence[Run], pace: Pace) -> int:
    begun = time.monotonic()
    red = 0
    async with trial(folder, pace) as stand:
        print(f"The stand is up after {time.monotonic() - begun:.0f} s.\n\n{head()}", flush=True)  # noqa: T201 -- its purpose
        for injuries in runs:
            result = await stand.suffer(injuries)
            red += bool(result.violations)
            print(lines(result), flush=True)  # noqa: T201 -- its purpose
    print(f"\n{len(runs)} runs, {red} red, {time.monotonic() - begun:.0f} s.")  # noqa: T201 -- its purpose
    return 1 if red else 0


if __name__ == "__main__":
    sys.exit(main())
