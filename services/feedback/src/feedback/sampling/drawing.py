"""Who is asked: a pure function of the policy, the closing and the customer's tier, the same at every replay.

The draw of a closing is the first 53 bits of sha256(seed ‖ id) as a number in [0, 1). Nothing random is asked when a
closing comes in, so a restarted process, another replica and an auditor all draw the same.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

UNKNOWN_TIER: Final = "unknown"
ANY: Final = "*"
# An answer is taken for this long after the last moment of asking.
ANSWER_DAYS: Final = 14
_BITS: Final = 53
_ONE: Final = 1 << _BITS

Decision = Literal["sampled", "not_drawn", "asked_recently", "no_customer", "too_late", "excluded"]


@dataclass(frozen=True, slots=True)
class Occasion:
    """What is asked after one kind of closing, and when."""

    survey: str
    wait_hours: int
    within_hours: int


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of the rules of asking."""

    version: int
    seed: str
    pause_days: int
    excluded_dispositions: frozenset[str]
    occasions: Mapping[str, Occasion]
    rates: Mapping[tuple[str, str], float]
    """(channel, tier) → share; `*` stands for any."""


@dataclass(frozen=True, slots=True)
class Closing:
    """A matter that was closed. `subject` is the text of its id."""

    subject: str
    reason: str
    channel: str
    disposition: str | None
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is decided about a closing; the pause between two questions is judged after it."""

    decision: Decision
    draw: float
    rate: float
    survey: str | None = None
    not_before: datetime | None = None
    not_after: datetime | None = None


def draw(seed: str, subject: str) -> float:
    """A number in [0, 1) that is the same whenever it is drawn."""
    digest = hashlib.sha256(f"{seed}{subject}".encode()).digest()
    return (int.from_bytes(digest[:8]) >> (64 - _BITS)) / _ONE


def rate_of(policy: Policy, channel: str, tier: str) -> float:
    """The share of a stratum: what is said of channel and tier, else of the channel, else of the tier, else of all."""
    for key in ((channel, tier), (channel, ANY), (ANY, tier), (ANY, ANY)):
        if key in policy.rates:
            return policy.rates[key]
    return 0.0


def judge(policy: Policy, closing: Closing, tier: str, now: datetime) -> Verdict:
    """Whether the customer of this closing is asked, and between which moments. All times are business time."""
    drawn, rate = draw(policy.seed, closing.subject), rate_of(policy, closing.channel, tier)
    occasion = policy.occasions.get(closing.reason)
    if occasion is None or closing.disposition in policy.excluded_dispositions:
        return Verdict("excluded", drawn, rate)
    if drawn >= rate:
        return Verdict("not_drawn", drawn, rate)
    not_before = max(now, closing.closed_at + timedelta(hours=occasion.wait_hours))
    not_after = closing.closed_at + timedelta(hours=occasion.within_hours)
    if not_before >= not_after:
        return Verdict("too_late", drawn, rate)
    return Verdict("sampled", drawn, rate, occasion.survey, not_before, not_after)
