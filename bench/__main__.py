"""`python -m bench [--only ID]`: measure, show, and write bench/latest.json."""

import argparse
import sys
import time
import traceback
from importlib import import_module

import uvloop

from bench.rows import TARGETS, Figure, load_1m, reached, write

MODULES = (
    "profile_lookup",
    "ingest_outbox",
    "relay_events",
    "timeline_lag",
    "router_offer",
    "wall_board",
    "screen_pop",
    "desk_scroll",
    "care_plan",
    "care_trigger",
    "care_sending",
    "survey_answers",
    "complaint_timers",
    "page_sizes",
    "stack",
    "tests_duration",
)


def main() -> int:
    """Exit code 0 if everything that was asked for was measured; a missed target is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", metavar="ID", choices=sorted(TARGETS), help="one of the figures")
    only = parser.parse_args().only
    failed = 0
    for name in MODULES:
        module = import_module(f"bench.{name}")
        if only is not None and only not in module.IDS:
            continue
        load, begun = load_1m(), time.monotonic()
        try:
            figures: list[Figure] = uvloop.run(module.measure())
        except Exception:  # noqa: BLE001 -- the other figures are measured all the same
            traceback.print_exc()
            print(f"{', '.join(module.IDS)}: not measured", flush=True)
            failed += 1
            continue
        write(figures, load)
        for figure in figures:
            print(_line(figure, load, time.monotonic() - begun), flush=True)
    return 1 if failed else 0


def _line(figure: Figure, load: float, seconds: float) -> str:
    aim = TARGETS[figure.id]
    sign = "≥" if aim.higher_is_better else "≤"
    verdict = "reached" if reached(figure) else "MISSED"
    return (
        f"{figure.id:24} {figure.value:12.2f} {aim.unit:10} {sign} {aim.target:<8g} {verdict:8} "
        f"load {load:<6} {seconds:4.0f} s  {figure.note}"
    )


if __name__ == "__main__":
    sys.exit(main())
