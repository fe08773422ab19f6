"""Runs the load generator in turns against ours and the bare endpoint, and compares."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from statistics import median

from bench.house import cpu_seconds
from bench.load import Plan, Seen
from careline_local import paths
from careline_local.parts.processes import ProcessPart

ROUNDS = 5
ROUND_SECONDS = 5.0
CONNECTIONS = 32
# More than any server here answers: all connections are always busy.
ENDLESS_RATE = 100_000.0


@dataclass(frozen=True)
class Round:
    """One turn of one server."""

    per_second: float
    cpu_microseconds: float


@dataclass(frozen=True)
class Comparison:
    """Medians over all turns."""

    ours: Round
    bare: Round
    ratio: float

    @property
    def note(self) -> str:
        """What the terminal shows beside the ratio."""
        return (
            f"{self.ours.per_second:.0f}/s of {self.bare.per_second:.0f}/s, "
            f"{self.ours.cpu_microseconds:.0f} µs of {self.bare.cpu_microseconds:.0f} µs processor time a request"
        )


async def generate(plan: Plan) -> Seen:
    """Run the generator as a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.load",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=paths.CHECKOUT,
    )
    async with asyncio.timeout(plan.seconds + 30):
        output, _ = await process.communicate(json.dumps(asdict(plan)).encode())
    seen = Seen(**json.loads(output))
    wrong = {status: times for status, times in seen.statuses.items() if not status.startswith("2")}
    if wrong or not seen.answered:
        raise RuntimeError(f"the server answered {wrong or 'nothing'}: that is no measurement")
    return seen


async def compare(
    ours: ProcessPart,
    bare: ProcessPart,
    plan: Callable[[ProcessPart, int], Plan],
    between: Callable[[], Awaitable[None]],
) -> Comparison:
    """The ratio of what both answer at the most, the median over turns taken one after the other."""
    turns: list[tuple[Round, Round]] = []
    for number in range(ROUNDS):
        order = [ours, bare] if number % 2 else [bare, ours]
        took = {server.name: await _turn(server, plan(server, number), between) for server in order}
        turns.append((took[ours.name], took[bare.name]))
    return Comparison(
        ours=_median([turn[0] for turn in turns]),
        bare=_median([turn[1] for turn in turns]),
        ratio=median(turn[0].per_second / turn[1].per_second for turn in turns),
    )


async def _turn(server: ProcessPart, plan: Plan, between: Callable[[], Awaitable[None]]) -> Round:
    before = cpu_seconds(server)
    seen = await generate(plan)
    used = cpu_seconds(server) - before
    await between()
    # The generator leaves the first second out of its count, the processor does not.
    requests = seen.answered * plan.seconds / (plan.seconds - 1)
    return Round(seen.per_second, used / requests * 1_000_000)


def _median(turns: list[Round]) -> Round:
    return Round(median(turn.per_second for turn in turns), median(turn.cpu_microseconds for turn in turns))
