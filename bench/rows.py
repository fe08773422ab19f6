"""The table of the issue: what is measured, and what it should reach."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LATEST = Path(__file__).with_name("latest.json")


@dataclass(frozen=True)
class Target:
    """What a figure should reach."""

    target: float
    unit: str
    higher_is_better: bool = False


TARGETS = {
    "profile.lookup.ratio": Target(0.4, "ratio", higher_is_better=True),
    "profile.lookup.p99_ms": Target(30, "ms"),
    "ingest.outbox.ratio": Target(0.5, "ratio", higher_is_better=True),
    "relay.events_per_s": Target(10_000, "events/s", higher_is_better=True),
    "timeline.lag.p99_ms": Target(500, "ms"),
    "router.offer.p99_ms": Target(100, "ms"),
    "wallboard.read.p95_ms": Target(100, "ms"),
    "screenpop.painted.p95_ms": Target(300, "ms"),
    "desk.scroll.jump_ms": Target(50, "ms"),
    "desk.first_load_kb": Target(200, "kB gzip"),
    "widget.kb": Target(40, "kB gzip"),
    "care.trigger.p99_ms": Target(1_000, "ms"),
    "care.plan_per_s": Target(50_000, "customers/s", higher_is_better=True),
    "care.gated_per_s": Target(500, "mails/s", higher_is_better=True),
    "complaint.timers.due_s": Target(5, "s"),
    "survey.answers_per_s": Target(500, "answers/s", higher_is_better=True),
    "stack.pss_mb": Target(2000, "MB"),
    "stack.first_start_s": Target(240, "s"),
    "stack.next_start_s": Target(30, "s"),
    "demo.alive_s": Target(60, "s"),
    "test.seconds": Target(600, "s"),
}


@dataclass(frozen=True)
class Figure:
    """One measured value; `limit` is the bare endpoint's figure where one is compared."""

    id: str
    value: float
    limit: float | None = None
    ratio: float | None = None
    note: str = ""
    """For the terminal: what a reader should know of this run."""


def load_1m() -> float:
    """The machine's load average over the last minute."""
    return round(os.getloadavg()[0], 2)


def write(figures: Sequence[Figure], load: float) -> None:
    """Put the figures into latest.json; those that were not measured now stay."""
    known = {row["id"]: row for row in json.loads(LATEST.read_text())} if LATEST.exists() else {}
    for figure in figures:
        aim = TARGETS[figure.id]
        known[figure.id] = {
            "id": figure.id,
            "value": round(figure.value, 3),
            **asdict(aim),
            "limit": None if figure.limit is None else round(figure.limit, 1),
            "ratio": None if figure.ratio is None else round(figure.ratio, 3),
            "command": f"make bench ONLY={figure.id}",
            "load_1m": load,
        }
    rows = [_in_order(known[name]) for name in TARGETS if name in known]
    LATEST.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n")


def reached(figure: Figure) -> bool:
    """Whether the figure is as good as it should be."""
    aim = TARGETS[figure.id]
    return figure.value >= aim.target if aim.higher_is_better else figure.value <= aim.target


def _in_order(row: dict[str, object]) -> dict[str, object]:
    names = ("id", "value", "unit", "target", "higher_is_better", "limit", "ratio", "command", "load_1m")
    return {name: row[name] for name in names}
