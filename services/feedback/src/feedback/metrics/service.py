"""From counts to figures."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import asyncpg

from careline.database import ReadConnection
from feedback.metrics import repository, statistics
from feedback.metrics.schemas import By, Definitions, Figure, Group, Metrics, PhoneWork
from feedback.metrics.statistics import Estimate
from feedback.surveys import service as surveys
from feedback.surveys.branching import LOWEST_AND_HIGHEST

DEFINITIONS: Final = Definitions(
    csat="Share of the answers 4 and 5 among all answers from 1 to 5; Wilson's 95 % interval. Skipped is not counted.",
    nps="Share of 9 and 10 less share of 0 to 6 among all answers from 0 to 10, in points; ± 1.96 standard errors."
    " Skipped is not counted; no interval if all answers are alike.",
    ces="Mean of the answers from 1 (strongly disagree) to 7 (strongly agree) to “it was easy”; ± 1.96 standard"
    " errors. Skipped is not counted.",
    response_rate="Answered invitations among those of the period, less those that never reached the customer"
    " (not_asked); Wilson's 95 % interval. Open ones count as not answered.",
    phone="AAPOR's final dispositions of the invitations that were called; RR1 = I / all, RR2 = (I + P) / all.",
)


async def metrics(
    connection: ReadConnection, survey: str, since: datetime | None, until: datetime | None, by: By | None
) -> Metrics:
    """The figures of a survey; NotFound if there is none of that key."""
    await surveys.newest(connection, survey)
    grouped: dict[str | None, list[asyncpg.Record]] = defaultdict(list)
    for row in await repository.counts(connection, survey, since, until, by):
        grouped[row["key"]].append(row)
    if by is None and not grouped:
        grouped[None] = []
    called = await repository.phone(connection, survey, since, until)
    first, second = statistics.response_rates(called)
    return Metrics(
        survey=survey,
        invited_from=since,
        invited_to=until,
        by=by,
        definitions=DEFINITIONS,
        too_few_below=statistics.TOO_FEW_BELOW,
        groups=[_group(key, rows) for key, rows in grouped.items()],
        phone=PhoneWork(dispositions=called, response_rate_1=first, response_rate_2=second),
    )


def _group(key: str | None, rows: Sequence[asyncpg.Record]) -> Group:
    by_state: Counter[str] = Counter()
    scores: dict[str, Counter[int]] = {scale: Counter() for scale in LOWEST_AND_HIGHEST}
    for row in rows:
        by_state[row["state"]] += row["times"]
        for scale, counted in scores.items():
            # Zero is an answer; only a missing one is not counted.
            if row[scale] is not None:
                counted[row[scale]] += row["times"]
    invited = by_state.total()
    return Group(
        key=key,
        invited=invited,
        not_asked=by_state["not_asked"],
        answered=by_state["answered"],
        low_scores=sum(row["times"] for row in rows if row["low"]),
        response_rate=_figure(statistics.share(by_state["answered"], invited - by_state["not_asked"])),
        csat=_figure(statistics.csat(scores["csat"])),
        nps=_figure(statistics.nps(scores["nps"])),
        ces=_figure(statistics.mean(scores["ces"], *LOWEST_AND_HIGHEST["ces"])),
    )


def _figure(estimate: Estimate) -> Figure:
    return Figure(n=estimate.n, value=estimate.value, low=estimate.low, high=estimate.high, too_few=estimate.too_few)
