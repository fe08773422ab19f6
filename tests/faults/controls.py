"""`python -m tests.faults.controls`: take each safeguard away and see the checker turn red.

A fault test that stays green without the safeguard proves nothing. Each control runs twice on the same stand and
under the same fault: with the safeguard it must be green, without it red, and by the rule that belongs to it.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import uvloop

from careline_local.parts.postgresql import PostgreSQL
from careline_local.testing.servers import run_folder
from tests.faults.injury import crash, kill, part_of
from tests.faults.load import Rates
from tests.faults.matrix import COMPLAINT, DUE, NOBODY, PURCHASE, SENT, Run
from tests.faults.report import head, lines
from tests.faults.run import Pace, Trial, trial
from tests.faults.stand import Stand
from tests.faults.watchdog import watchdog

SECONDS = 20 * 60.0
PACE = Pace(
    Rates(purchases=15, interactions=1, people=0.5, complaints=1.5, birthdays=1),
    before_seconds=3,
    after_seconds=2,
    settle_seconds=45,
    timed=False,
)


@dataclass(frozen=True)
class Control:
    """A safeguard, the fault that it withstands, and the rule that must see its absence."""

    name: str
    rule: str
    with_safeguard: Run
    without: Run
    weakening: dict[str, dict[str, str]]
    """Part → the settings that take the safeguard away before the fault."""


CONTROLS = [
    Control(
        "commit after the answer",
        "lost",
        [kill("customer-profile", PURCHASE)],
        [kill("customer-profile", PURCHASE)],
        {"customer-profile": {"CONTROL_COMMIT_AFTER_ANSWER": "true"}},
    ),
    Control(
        "inbox off",
        "effect doubled",
        [crash("witness", "consumer.after_effect", PURCHASE)],
        [crash("witness", "consumer.after_effect", PURCHASE, CONTROL_INBOX_OFF="true")],
        {"witness": {"CONTROL_INBOX_OFF": "true"}},
    ),
    Control(
        "handed in before `sending` is written",
        "mail doubled",
        [crash("interaction-router", "delivery.handed_in", NOBODY, SENT)],
        [crash("interaction-router", "delivery.handed_in", NOBODY, SENT, CONTROL_HAND_IN_FIRST="true")],
        {"interaction-router": {"CONTROL_HAND_IN_FIRST": "true"}},
    ),
    Control(
        "care told of apart from its judgement",
        "care event",
        [crash("care-scheduler", "care.before_commit", NOBODY, DUE)],
        [crash("care-scheduler", "care.before_commit", NOBODY, DUE, CONTROL_TELL_APART="true")],
        {"care-scheduler": {"CONTROL_TELL_APART": "true"}},
    ),
    Control(
        "inbox off in feedback",
        "notice",
        [crash("feedback", "consumer.after_effect", COMPLAINT)],
        # Only some of what it hears has an effect that a second time would show.
        [crash("feedback", "consumer.after_effect", COMPLAINT, CONTROL_INBOX_OFF="true")] * 4,
        {"feedback": {"CONTROL_INBOX_OFF": "true"}},
    ),
    # The last, because what it loses leaves the services of different minds.
    Control(
        "synchronous_commit=off, wal_writer_delay=10s",
        "lost",
        [kill("PostgreSQL", PURCHASE)],
        [kill("PostgreSQL", PURCHASE)],
        {"PostgreSQL": {"synchronous_commit": "off", "wal_writer_delay": "10s"}},
    ),
]


def main() -> int:
    """Exit code 0 if every control was green with its safeguard and red without."""
    parser = argparse.ArgumentParser(prog="tests.faults.controls", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="the controls whose names hold this")
    only = parser.parse_args().only
    wanted = [each for each in CONTROLS if only in each.name]
    if not wanted:
        sys.exit(f"No control has {only!r} in its name.")
    with run_folder() as folder, watchdog(SECONDS, folder):
        return uvloop.run(_run(folder, wanted))


async def _run(folder: Path, controls: list[Control]) -> int:
    async with trial(folder, PACE) as running:
        print(head(), flush=True)  # noqa: T201 -- its purpose
        failed = [control.name for control in controls if not await _proves(running, control)]
    for name in failed:
        print(f"FAILED: {name}")  # noqa: T201 -- its purpose
    print(f"\n{len(controls)} controls, {len(failed)} failed.")  # noqa: T201 -- its purpose
    return 1 if failed else 0


async def _proves(running: Trial, control: Control) -> bool:
    safe = await running.suffer(control.with_safeguard)
    print(lines(safe), flush=True)  # noqa: T201 -- its purpose
    for name, settings in control.weakening.items():
        await asyncio.to_thread(_restart, running.stand, name, settings)
    unsafe = await running.suffer(control.without)
    print(f"without the safeguard ({control.name}):\n{lines(unsafe, shown=2)}", flush=True)  # noqa: T201 -- its purpose
    for name, settings in control.weakening.items():
        await asyncio.to_thread(_restart, running.stand, name, dict.fromkeys(settings, ""))
    return not safe.violations and any(each.rule == control.rule for each in unsafe.violations)


def _restart(stand: Stand, name: str, settings: dict[str, str]) -> None:
    """Stop a part and start it with these settings; an empty text takes one back."""
    part = part_of(stand, name)
    part.stop()
    wanted = {key: text for key, text in settings.items() if text}
    if isinstance(part, PostgreSQL):
        part.settings = {key: text for key, text in part.settings.items() if key not in settings} | wanted
        part.start()
    else:
        stand.restart(part, **wanted)


if __name__ == "__main__":
    sys.exit(main())
